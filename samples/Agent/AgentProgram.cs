using Connector.Samples.Agent.Tools;
using Connector.Samples.Agent.View;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace Connector.Samples.Agent;

/// <summary>Loads the model, starts the tool server, then does one thing, a piped list of them, or what a person asks.</summary>
internal static class AgentProgram
{
    private const int Failed = 1;
    private const int Interrupted = 130;
    private const string Help = "/tools lists what can be called, /reset forgets the conversation, /exit ends; Ctrl+C stops an answer.";

    public static async Task<int> RunAsync(AgentArguments arguments, CancellationToken cancellationToken)
    {
        var notes = Notes.Create();
        using var interruption = new Interruption();
        try
        {
            using var model = await ModelLoading.LoadAsync(arguments.Model, arguments.Device, arguments.Context, notes, cancellationToken);
            using var client = model.WithToolInvocation();
            await using var server = await ToolServerConnection.StartAsync(cancellationToken);
            var house = new House(TimeProvider.System);
            var options = new ChatOptions
            {
                Tools = [.. house.Tools, .. server.Tools],
                Temperature = arguments.Temperature,
                Seed = arguments.Seed,
            };
            var conversation = new AgentConversation(client, options);
            var view = new AnswerView(Console.Out, notes, TimeProvider.System);
            return arguments.Prompt is { } prompt
                ? await AnswerAsync(conversation, prompt, view, interruption) ? 0 : Interrupted
                : await DialogueAsync(conversation, view, notes, interruption, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Explain(e, notes);
            return Failed;
        }
    }

    private static async Task<int> DialogueAsync(
        AgentConversation conversation, AnswerView view, IAnsiConsole notes, Interruption interruption, CancellationToken cancellationToken)
    {
        var isTerminal = !Console.IsInputRedirected;
        if (isTerminal)
        {
            notes.MarkupLineInterpolated($"[grey]{Help}[/]");
        }

        while (true)
        {
            if (isTerminal)
            {
                notes.Markup("[bold blue]>[/] ");
            }

            switch (await Console.In.ReadLineAsync(cancellationToken))
            {
                case null or "/exit":
                    return 0;
                case "/reset":
                    conversation.Reset();
                    break;
                case "/tools":
                    notes.Write(ToolTable.Of(conversation.Tools));
                    break;
                case ['/', ..] unknown:
                    notes.MarkupLineInterpolated($"[yellow]{unknown} is not known.[/] [grey]{Help}[/]");
                    break;
                case { } request when !string.IsNullOrWhiteSpace(request):
                    await AnswerOrExplainAsync(conversation, request, view, notes, interruption);
                    break;
            }
        }
    }

    /// <summary>One request that fails, such as one too long for the model, does not end the dialogue.</summary>
    private static async Task AnswerOrExplainAsync(
        AgentConversation conversation, string request, AnswerView view, IAnsiConsole notes, Interruption interruption)
    {
        try
        {
            await AnswerAsync(conversation, request, view, interruption);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Explain(e, notes);
        }
    }

    private static void Explain(Exception e, IAnsiConsole notes) => notes.MarkupLineInterpolated($"[red]{e.Message}[/]");

    /// <summary>False where the answer was interrupted.</summary>
    private static async Task<bool> AnswerAsync(AgentConversation conversation, string request, AnswerView view, Interruption interruption)
    {
        using var answer = interruption.Begin();
        try
        {
            await view.ShowAsync(conversation.AskAsync(request, answer.Token), answer.Token);
            return true;
        }
        catch (OperationCanceledException) when (answer.Token.IsCancellationRequested)
        {
            return false;
        }
    }
}
