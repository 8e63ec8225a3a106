using System.Text;
using Connector.Decoding;
using Connector.Decoding.Constraints;
using Microsoft.Extensions.AI;

namespace Connector.Tools.Constraints;

/// <summary>
/// The constraints compiled last, as requests of one application mostly ask for the same few. Thread-safe; two threads
/// that miss at once both compile.
/// </summary>
internal sealed class ConstraintCache
{
    private const int Capacity = 16;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Key, CompiledConstraint Constraint)> _recent = [];

    public CompiledConstraint Get(AnswerRules rules, Vocabulary vocabulary)
    {
        var key = Key(rules);
        lock (_lock)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key && node.Value.Constraint.Vocabulary == vocabulary)
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Constraint;
                }
            }
        }

        var constraint = AnswerGrammar.Compile(rules, vocabulary);
        lock (_lock)
        {
            _recent.AddFirst((key, constraint));
            if (_recent.Count > Capacity)
            {
                _recent.RemoveLast();
            }
        }

        return constraint;
    }

    private static string Key(AnswerRules rules)
    {
        var mode = rules.Mode switch
        {
            NoneChatToolMode => "none",
            RequiredChatToolMode required => "required:" + required.RequiredFunctionName,
            _ => "auto",
        };
        var key = new StringBuilder();
        key.Append(rules.Format?.Name).Append('\n').Append(mode).Append('\n')
            .Append(rules.AllowsSeveralCalls).Append('\n').Append(rules.Reasoning).Append('\n').Append(rules.StartsInReasoning).Append('\n')
            .Append(rules.ResponseSchema?.GetRawText());
        foreach (var tool in rules.Tools)
        {
            key.Append('\n').Append(tool.Name).Append('\n').Append(tool.Schema.GetRawText());
        }

        return key.ToString();
    }
}
