namespace Connector.Tests;

/// <summary>Data that lies beside the repository and not in it.</summary>
internal static class SharedData
{
    /// <summary>A file of the folder <c>shared</c> beside the repository, or null where there is none.</summary>
    public static string? Find(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", path);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }
}

/// <summary>A fact about data that may be missing; then it is reported as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string path)
    {
        if (SharedData.Find(path) is null)
        {
            Skip = $"There is no shared/{path} beside the repository.";
        }
    }
}
