using System.Runtime.CompilerServices;
using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>
/// Whether a rule with guards can be finished from a parameter. What cannot is never entered, so that no text is led
/// into a dead end.
/// </summary>
internal sealed class Productivity(GrammarProgram program)
{
    // Beyond this many calls a search gives up and assumes that there is a way.
    private const int MaxCalls = 20_000;

    private readonly Dictionary<(int Rule, ulong Parameter), bool> _known = [];
    private readonly HashSet<(int Rule, ulong Parameter)> _open = [];
    private int _calls;
    private bool _dependsOnOpen;

    /// <summary>Whether all that stands from a position to the end of its alternative can be finished.</summary>
    public bool CanFinish(int position, ulong parameter)
    {
        for (; program[position].Kind != StepKind.End; position++)
        {
            ref readonly var step = ref program[position];
            if (step.Kind == StepKind.Call && !CanFinishRule(step.Index, step.Change.Apply(parameter)))
            {
                return false;
            }
        }

        return true;
    }

    private bool CanFinishRule(int rule, ulong parameter)
    {
        ref readonly var info = ref program.Rule(rule);
        if (!info.ReachesGuards)
        {
            return true;
        }

        var call = (rule, parameter);
        if (_known.TryGetValue(call, out var known))
        {
            return known;
        }

        if (_open.Contains(call))
        {
            _dependsOnOpen = true;
            return false;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_open.Count == 0)
        {
            _calls = 0;
            _dependsOnOpen = false;
        }

        if (++_calls > MaxCalls)
        {
            return true;
        }

        _open.Add(call);
        var finishes = info.IsLoop ? LoopCanFinish(info, parameter) : AnyCanFinish(info, parameter);
        _open.Remove(call);

        // A failure that came from running into an open call may not hold elsewhere.
        if (finishes || !_dependsOnOpen || _open.Count == 0)
        {
            _known[call] = finishes;
        }

        return finishes;
    }

    private bool AnyCanFinish(in RuleInfo info, ulong parameter)
    {
        foreach (var (guard, position) in info.Alternatives)
        {
            if (guard.Allows(parameter) && CanFinish(position, parameter))
            {
                return true;
            }
        }

        return false;
    }

    // One round shows what every round needs; the count itself is never in the way.
    private bool LoopCanFinish(in RuleInfo info, ulong parameter)
    {
        foreach (var (guard, position) in info.Alternatives)
        {
            if (!guard.Allows(parameter))
            {
                continue;
            }

            var next = position;
            while (program[next].Kind is StepKind.Lexeme or StepKind.Tokens
                || (program[next].Kind == StepKind.Call && !program.Rule(program[next].Index).IsLoop
                    && CanFinishRule(program[next].Index, program[next].Change.Apply(parameter))))
            {
                next++;
            }

            if (program[next].Kind == StepKind.End || program.Rule(program[next].Index).IsLoop)
            {
                return true;
            }
        }

        return false;
    }
}
