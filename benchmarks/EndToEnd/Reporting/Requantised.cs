using System.CommandLine;
using Connector.LlamaCpp;

namespace Connector.Benchmarks.EndToEnd.Reporting;

/// <summary>The model in the format that <c>--quantize</c> asks for, in a temporary folder; the file itself where it asks for none.</summary>
internal sealed class Requantised : IDisposable
{
    private readonly DirectoryInfo? _folder;

    private Requantised(FileInfo model, DirectoryInfo? folder) => (Model, _folder) = (model, folder);

    /// <summary>The option.</summary>
    public static Option<GgufQuantization?> Format { get; } = new("--quantize")
    {
        Description = "Requantise the model first, into a temporary folder: Q4_0, Q8_0, … Default: as it is.",
        CustomParser = static result =>
        {
            if (Enum.TryParse<GgufQuantization>(result.Tokens[0].Value.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var format))
            {
                return format;
            }

            result.AddError($"'{result.Tokens[0].Value}' is none of {string.Join(", ", Enum.GetNames<GgufQuantization>())}.");
            return null;
        },
    };

    /// <summary>The file to measure with.</summary>
    public FileInfo Model { get; }

    /// <summary>Requantises a model. Its weights were rounded before, so that it says nothing of the format's quality.</summary>
    public static async Task<Requantised> MakeAsync(FileInfo model, GgufQuantization? format, CancellationToken cancellationToken)
    {
        if (format is not { } wanted)
        {
            return new Requantised(model, null);
        }

        var folder = Directory.CreateTempSubdirectory("connector-benchmark-");
        var made = new Requantised(new FileInfo(Path.Combine(folder.FullName, $"{Path.GetFileNameWithoutExtension(model.Name)}.{wanted}.gguf")), folder);
        try
        {
            await GgufFile.QuantizeAsync(model.FullName, made.Model.FullName, wanted, cancellationToken: cancellationToken);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Delete(recursive: true);
}
