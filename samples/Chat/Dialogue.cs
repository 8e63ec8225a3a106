using System.Globalization;
using Spectre.Console;

namespace Connector.Samples.Chat;

/// <summary>Turns until the input ends or <c>/exit</c>: a person's, with a prompt, or lines of a pipe.</summary>
internal sealed class Dialogue(Conversation conversation, IAnsiConsole notes, Interruption interruption)
{
    private const string Help = "/reset forgets the conversation, /system TEXT says what the model is told first, /stats counts, /exit ends; Ctrl+C stops an answer.";

    private readonly bool _isTerminal = !Console.IsInputRedirected;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_isTerminal)
        {
            notes.MarkupLineInterpolated($"[grey]{Help}[/]");
        }

        while (ReadLine() is { } line && line != "/exit")
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (line.StartsWith('/'))
            {
                Obey(line);
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                await ChatProgram.AnswerAsync(conversation, line, notes, interruption);
            }
        }
    }

    private string? ReadLine()
    {
        if (_isTerminal)
        {
            notes.Markup("[bold blue]>[/] ");
        }

        return Console.ReadLine();
    }

    private void Obey(string line)
    {
        var (command, argument) = line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var space
            ? (line[..space], line[(space + 1)..].Trim())
            : (line, "");
        switch (command)
        {
            case "/reset":
                conversation.Reset();
                notes.MarkupLine("[grey]The conversation is forgotten.[/]");
                break;
            case "/system":
                conversation.System = argument.Length > 0 ? argument : null;
                notes.MarkupLineInterpolated($"[grey]The model is told: {conversation.System ?? "what its template says"}[/]");
                break;
            case "/stats":
                notes.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{conversation.Total.Answers} answers: {conversation.Total}[/]");
                break;
            default:
                notes.MarkupLineInterpolated($"[yellow]{command} is not known.[/] [grey]{Help}[/]");
                break;
        }
    }
}
