namespace Connector.LlamaCpp.Tests.Runtime;

public class NativeStartupTests
{
    private readonly List<string> _started = [];

    [Fact]
    public void The_first_failure_is_told_again_and_nothing_is_started_twice()
    {
        var startup = Startup(new NativeLibraryException(NativeLibraryProblem.UnsupportedProcessor, "no backend"), new InvalidOperationException("A resolver is already set."));

        var first = Assert.Throws<NativeLibraryException>(() => startup.Ensure(null));
        var second = Assert.Throws<NativeLibraryException>(() => startup.Ensure("other"));

        Assert.Equal("no backend", first.Message);
        Assert.Equal("no backend", second.Message);
        Assert.Single(_started);
    }

    [Fact]
    public void Where_a_library_is_missing_another_folder_may_do()
    {
        var startup = Startup(new NativeLibraryException(NativeLibraryProblem.Missing, "no libllama"));

        Assert.Throws<NativeLibraryException>(() => startup.Ensure("a"));
        startup.Ensure("b");

        Assert.Equal([Path.GetFullPath("a"), Path.GetFullPath("b")], _started);
    }

    [Fact]
    public void The_same_folder_written_otherwise_or_none_is_no_second_one()
    {
        var startup = Startup();
        startup.Ensure("a" + Path.DirectorySeparatorChar);

        startup.Ensure("a");
        startup.Ensure("a" + Path.DirectorySeparatorChar);
        startup.Ensure(Path.Combine("b", "..", "a"));
        startup.Ensure("");
        startup.Ensure(null);

        Assert.Contains("'b'", Assert.Throws<InvalidOperationException>(() => startup.Ensure("b")).Message, StringComparison.Ordinal);
        Assert.Single(_started);
    }

    // Fails as often as there are failures, then starts.
    private NativeStartup Startup(params Exception[] failures) => new(
        path => path ?? "found",
        folder =>
        {
            _started.Add(folder);
            if (_started.Count <= failures.Length)
            {
                throw failures[_started.Count - 1];
            }
        });
}
