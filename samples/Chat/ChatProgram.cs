using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples.Chat;

/// <summary>Loads the model, then answers one message, a piped list of them, or a person at the terminal.</summary>
internal static class ChatProgram
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(ChatArguments arguments, CancellationToken cancellationToken)
    {
        var notes = Notes.Create();
        using var interruption = new Interruption();
        try
        {
            using var client = await ModelLoading.LoadAsync(arguments.Model, arguments.Device, arguments.Context, notes, cancellationToken);
            var options = new ChatOptions { Temperature = arguments.Temperature, Seed = arguments.Seed };
            var conversation = new Conversation(client, options, TimeProvider.System) { System = arguments.System };
            if (arguments.Prompt is { } prompt)
            {
                return await AnswerAsync(conversation, prompt, notes, interruption) ? 0 : Interrupted;
            }

            await new Dialogue(conversation, notes, interruption).RunAsync(cancellationToken);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            notes.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return Failed;
        }
    }

    /// <summary>Streams an answer to stdout and its statistics to the notes; false where it was interrupted.</summary>
    public static async Task<bool> AnswerAsync(Conversation conversation, string text, IAnsiConsole notes, Interruption interruption)
    {
        var whole = true;
        using (var answer = interruption.Begin())
        {
            try
            {
                await foreach (var piece in conversation.AskAsync(text, answer.Token))
                {
                    await Console.Out.WriteAsync(piece.AsMemory(), CancellationToken.None);
                    await Console.Out.FlushAsync(CancellationToken.None);
                }
            }
            catch (OperationCanceledException) when (answer.Token.IsCancellationRequested)
            {
                whole = false;
            }
        }

        await Console.Out.WriteLineAsync();
        notes.MarkupLineInterpolated($"[grey]{(whole ? conversation.Last : "interrupted")}[/]");
        return whole;
    }
}
