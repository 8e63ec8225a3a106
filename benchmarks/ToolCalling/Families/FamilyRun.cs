using System.Text.Json;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Connector.Decoding;
using Connector.Decoding.Constraints;

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
        var turn = 0;
        foreach (var conversation in conversations)
        {
            // Another family goes first each time: what is cached for one helps the next.
            for (var i = 0; i < families.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var index = (i + turn) % families.Count;
                Check(conversation, families[index], tallies[index]);
            }

            turn++;
        }

        return tallies;
    }

    private void Check(ToolConversation conversation, IToolFamily family, FamilyTally tally)
    {
        // Every exception counts as a failure of the conversation, whatever its type, and the run goes on.
        try
        {
            var start = time.GetTimestamp();
            _ = family.Prompt(conversation);
            if (conversation.Tools.Count == 0)
            {
                tally.AddConversation(time.GetElapsedTime(start));
                return;
            }

            var constraint = family.Constrain(conversation, vocabulary);
            _ = constraint.Mask(constraint.Start);
            tally.AddConversation(time.GetElapsedTime(start));
            if (conversation is { IsValid: true, Calls.Count: > 0 })
            {
                CheckRight(conversation, family, constraint, tally);
            }

            CheckWrong(conversation, family, constraint, tally);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            tally.Exceptions++;
            faults.Add(family.Name, conversation.Id, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private void CheckRight(ToolConversation conversation, IToolFamily family, ITokenConstraint constraint, FamilyTally tally)
    {
        var text = family.Write([.. conversation.Calls.Select(call => InOrder(call, conversation))]);
        tally.RightAnswers++;
        if (ConstraintWalk.Follow(constraint, vocabulary, text) is { IsAccepted: false } walk)
        {
            tally.RejectedRightAnswers++;
            faults.Add(family.Name, conversation.Id, $"right answer rejected after {vocabulary.Decode(vocabulary.Tokenize(text, true).AsSpan(0, walk.Tokens), writeControl: true)}⟂ of {text}");
        }
    }

    private void CheckWrong(ToolConversation conversation, IToolFamily family, ITokenConstraint constraint, FamilyTally tally)
    {
        foreach (var wrong in WrongCalls(conversation))
        {
            var text = family.Write([wrong]);
            tally.WrongAnswers++;
            if (ConstraintWalk.Follow(constraint, vocabulary, text).IsAccepted)
            {
                tally.AcceptedWrongAnswers++;
                faults.Add(family.Name, conversation.Id, $"wrong answer accepted: {text}");
            }
        }
    }

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

    private static JsonElement Empty()
    {
        using var document = JsonDocument.Parse("{}");
        return document.RootElement.Clone();
    }
}
