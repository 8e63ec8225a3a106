using System.Text.Json;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Families;

/// <summary>
/// Every conversation in every family: the prompt renders and the tools compile; the right answer is allowed to its
/// end; a call of a tool that is not offered, and the arguments of one tool under the name of another that they do not
/// fit, are not.
/// </summary>
internal sealed class FamilyRun(IReadOnlyList<IToolFamily> families, Vocabulary vocabulary, FaultList faults, TimeProvider time)
{
    /// <summary>One tally for each family.</summary>
    public IReadOnlyList<FamilyTally> Run(IEnumerable<ToolConversation> conversations, CancellationToken cancellationToken)
    {
        FamilyTally[] tallies = [.. families.Select(family => new FamilyTally(family.Name))];
        var round = 0;
        foreach (var conversation in conversations)
        {
            // Another family goes first each time: what is cached for one helps the next.
            for (var i = 0; i < families.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var index = (i + round) % families.Count;
                Check(conversation, families[index], tallies[index]);
            }

            round++;
        }

        return tallies;
    }

    private void Check(ToolConversation conversation, IToolFamily family, FamilyTally tally)
    {
        // Every exception counts as a failure of the conversation, whatever its type, and the run goes on.
        try
        {
            var start = time.GetTimestamp();
            var turn = family.Begin(conversation);
            if (conversation.Tools.Count == 0)
            {
                tally.AddConversation(time.GetElapsedTime(start));
                return;
            }

            var constraint = turn.Constrain(vocabulary);
            _ = constraint.Mask(constraint.Start);
            tally.AddConversation(time.GetElapsedTime(start));
            if (conversation is { IsValid: true, Calls.Count: > 0 })
            {
                CheckRight(conversation, family, turn, constraint, tally);
            }

            CheckWrong(conversation, family, turn, constraint, tally);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            tally.Exceptions++;
            faults.Add(family.Name, conversation.Id, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private void CheckRight(ToolConversation conversation, IToolFamily family, IFamilyTurn turn, ITokenConstraint constraint, FamilyTally tally)
    {
        foreach (var calls in conversation.Calls.Select(call => InOrder(call, conversation)).Chunk(turn.MostCalls))
        {
            var answer = turn.Write(calls, vocabulary);
            tally.RightAnswers++;
            if (ConstraintWalk.FollowMasks(constraint, answer) is { IsAccepted: false } walk)
            {
                tally.RejectedRightAnswers++;
                faults.Add(family.Name, conversation.Id, $"right answer rejected at ⟂: {Text(answer.AsSpan(0, walk.Tokens))}⟂{Text(answer.AsSpan(walk.Tokens))}");
            }

            if (turn.Read(answer, vocabulary) is { } read && !AreEqual(read, calls))
            {
                tally.MisreadRightAnswers++;
                faults.Add(family.Name, conversation.Id, $"right answer misread: {Text(answer)}");
            }
        }
    }

    private void CheckWrong(ToolConversation conversation, IToolFamily family, IFamilyTurn turn, ITokenConstraint constraint, FamilyTally tally)
    {
        foreach (var wrong in WrongCalls(conversation))
        {
            var answer = turn.Write([wrong], vocabulary);
            tally.WrongAnswers++;
            if (ConstraintWalk.Follow(constraint, answer).IsAccepted && !Fits(turn.Read(answer, vocabulary), conversation))
            {
                tally.AcceptedWrongAnswers++;
                faults.Add(family.Name, conversation.Id, $"wrong answer accepted: {Text(answer)}");
            }
        }
    }

    /// <summary>
    /// Whether what is read fits the tools after all: in formats without quotes, 5 under the name of a tool that takes
    /// a text is that text.
    /// </summary>
    private static bool Fits(IReadOnlyList<FunctionCallContent>? read, ToolConversation conversation) =>
        read is { Count: > 0 } && read.All(call => CallCheck.Of(call, conversation.Tools).Fault == CallFault.None);

    /// <summary>Right arguments under a name that is not offered, and under each other tool's name where they do not fit.</summary>
    private static IEnumerable<RightCall> WrongCalls(ToolConversation conversation)
    {
        var right = conversation is { IsValid: true, Calls: [var first, ..] } ? first : new RightCall(conversation.Tools[0].Name, Empty());
        var missing = right.Name + "_else";
        if (conversation.Tools.All(tool => tool.Name != missing))
        {
            yield return right with { Name = missing };
        }

        foreach (var other in conversation.Tools)
        {
            if (SchemaValidator.Fault(other.JsonSchema, right.Arguments) is not null)
            {
                yield return right with { Name = other.Name };
            }
        }
    }

    /// <summary>The call with its arguments in the order in which the tool declares them, which is the order that constraints write.</summary>
    private static RightCall InOrder(RightCall call, ToolConversation conversation)
    {
        var schema = conversation.Tools.First(tool => tool.Name == call.Name).JsonSchema;
        return new RightCall(call.Name, SchemaOrder.Arrange(schema, call.Arguments));
    }

    private static bool AreEqual(IReadOnlyList<FunctionCallContent> read, RightCall[] calls) =>
        read.Count == calls.Length && read.Zip(calls).All(pair =>
            pair.First.Name == pair.Second.Name
            && pair.First.Arguments is { } arguments
            && JsonElement.DeepEquals(CallCheck.Json(arguments), pair.Second.Arguments));

    private string Text(ReadOnlySpan<int> tokens) => vocabulary.Decode(tokens, writeControl: true);

    private static JsonElement Empty()
    {
        using var document = JsonDocument.Parse("{}");
        return document.RootElement.Clone();
    }
}
