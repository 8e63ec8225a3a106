using Spectre.Console;

namespace Connector.Samples;

/// <summary>Where everything goes that is not an answer, so that it does not get in the way of a pipe.</summary>
internal static class Notes
{
    /// <summary>A console on stderr: coloured and changing in place for a person, plain lines in a file or a pipe.</summary>
    public static IAnsiConsole Create()
    {
        var plain = Console.IsErrorRedirected;
        var notes = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Console.Error),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (plain)
        {
            // Lines of a file are not wrapped.
            notes.Profile.Width = int.MaxValue;
        }

        return notes;
    }
}
