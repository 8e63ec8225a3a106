using System.Text.Json;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Demo;

/// <summary>How good an answer is: each is part of the one before it.</summary>
/// <param name="Calls">Whether there are calls, and all parse.</param>
/// <param name="Valid">Whether all name an offered tool and fit its schema.</param>
/// <param name="RightNames">Whether they name the right tools, in order.</param>
/// <param name="Exact">Whether their arguments are the right ones too.</param>
/// <param name="Tokens">Tokens of the answer.</param>
/// <param name="Elapsed">From the request to the end of the answer, the prompt being in the cache.</param>
internal readonly record struct DemoAnswer(bool Calls, bool Valid, bool RightNames, bool Exact, long Tokens, TimeSpan Elapsed)
{
    public double TokensPerSecond => Tokens / Elapsed.TotalSeconds;

    /// <summary>Judges an answer.</summary>
    public static DemoAnswer Of(ChatResponse response, ToolConversation conversation, TimeSpan elapsed)
    {
        FunctionCallContent[] calls = [.. response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];
        var parsed = calls.Length > 0 && calls.All(call => call.Exception is null && call.Arguments is not null);
        var valid = parsed && calls.All(call => CallCheck.Of(call, conversation.Tools).Fault == CallFault.None);
        var names = parsed && calls.Select(call => call.Name).SequenceEqual(conversation.Calls.Select(call => call.Name), StringComparer.Ordinal);
        var exact = names && calls.Zip(conversation.Calls).All(pair => JsonElement.DeepEquals(CallCheck.Json(pair.First.Arguments!), pair.Second.Arguments));
        return new DemoAnswer(parsed, valid, names, exact, response.Usage?.OutputTokenCount ?? 0, elapsed);
    }
}
