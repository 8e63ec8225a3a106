namespace Connector.LlamaCpp.Tests.Runtime;

public sealed class NativeLibraryLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("connector-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void An_option_comes_first_then_the_variable_then_the_programs_folder()
    {
        var option = Folder("option");
        var variable = Folder("variable");
        var program = Folder("program", "runtimes", NativeLibraryLoader.PortableRid, "native");
        var programs = new[] { Path.Combine(_folder.FullName, "program") };

        Assert.Equal(option, NativeLibraryLoader.FindFolder(option, variable, programs));
        Assert.Equal(variable, NativeLibraryLoader.FindFolder(null, variable, programs));
        Assert.Equal(program, NativeLibraryLoader.FindFolder(null, null, programs));
    }

    [Fact]
    public void Libraries_beside_the_program_itself_are_found_too()
    {
        var program = Folder("published");

        Assert.Equal(program, NativeLibraryLoader.FindFolder(null, "", [program]));
    }

    [Fact]
    public void A_named_folder_without_libraries_is_an_error_even_where_others_have_them()
    {
        var empty = _folder.CreateSubdirectory("empty").FullName;
        var program = Folder("program");

        var option = Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.FindFolder(empty, null, [program]));
        var variable = Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.FindFolder(null, empty, [program]));

        Assert.Equal(NativeLibraryProblem.Missing, option.Problem);
        Assert.Contains(empty, option.Message, StringComparison.Ordinal);
        Assert.Contains(NativeLibraryLoader.PathVariable, variable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_searched_and_what_to_do_is_said()
    {
        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.FindFolder(null, null, [_folder.FullName]));

        Assert.Contains(Path.Combine(_folder.FullName, "runtimes"), error.Message, StringComparison.Ordinal);
        Assert.Contains("Connector.Runtime." + NativeLibraryLoader.PortableRid, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.4.0")]
    [InlineData("0.50.0")]
    [InlineData(null)]
    public void Another_release_is_refused_by_number(string? version)
    {
        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.CheckVersion(version, "folder"));

        Assert.Equal(NativeLibraryProblem.WrongVersion, error.Problem);
        Assert.Contains(version ?? "unknown", error.Message, StringComparison.Ordinal);
        Assert.Contains("0.5.0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5.0")]
    [InlineData("0.5.0-dev")]
    public void The_release_that_was_bound_is_taken(string version) => NativeLibraryLoader.CheckVersion(version, "folder");

    [Fact]
    public void A_file_that_is_no_library_is_named()
    {
        var folder = Folder("broken");

        var error = Assert.Throws<NativeLibraryException>(() => NativeLibraryLoader.Load(folder));

        Assert.Equal(NativeLibraryProblem.Missing, error.Problem);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_folder_cannot_be_loaded_into_the_same_process()
    {
        ComputeDevice.Enumerate();

        Assert.Throws<InvalidOperationException>(() => NativeRuntime.EnsureStarted(_folder.FullName));
    }

    // A folder with empty files named as libraries are on this platform.
    private string Folder(params string[] path)
    {
        var folder = Directory.CreateDirectory(Path.Combine([_folder.FullName, .. path])).FullName;
        foreach (var name in (ReadOnlySpan<string>)["llama.v0.5.0", "ggml.v0.5.0", "ggml-base"])
        {
            var file = OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
            File.WriteAllBytes(Path.Combine(folder, file), []);
        }

        return folder;
    }
}
