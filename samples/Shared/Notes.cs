using Spectre.Console;

namespace Connector.Samples;

/// <summary>Where everything goes that is not an answer, so that it does not get in the way of a pipe.</summary>
internal static class Notes
{
    /// <summary>A console on stderr: with colours for a person, plain lines for a file or a pipe.</summary>
    public static IAnsiConsole Create() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(Console.Error),
        Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = Console.IsErrorRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });
}
