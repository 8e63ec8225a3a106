using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>Whether what stands at a position may match the empty text, given the parameter there.</summary>
internal sealed class Emptiness(GrammarProgram program)
{
    private const int MaxCalls = 10_000;

    private readonly Dictionary<(int Rule, ulong Parameter), bool> _known = [];

    /// <summary>Whether a step may be skipped; asked only where guards left aside it may.</summary>
    public bool MayBeSkipped(in Step step, ulong parameter) =>
        step.MayBeSkipped && (step.Kind != StepKind.Call || MayBeEmpty(step.Index, step.Change.Apply(parameter)));

    private bool MayBeEmpty(int rule, ulong parameter)
    {
        ref readonly var info = ref program.Rule(rule);
        if (!info.MayBeEmpty || !info.IsGuarded)
        {
            return info.MayBeEmpty;
        }

        if (!_known.TryGetValue((rule, parameter), out var known))
        {
            Solve((rule, parameter));
            known = _known[(rule, parameter)];
        }

        return known;
    }

    // All calls that the answer may depend on, then the least fixpoint over them.
    private void Solve((int Rule, ulong Parameter) root)
    {
        var calls = new List<(int Rule, ulong Parameter)> { root };
        var seen = new HashSet<(int, ulong)> { root };
        for (var i = 0; i < calls.Count; i++)
        {
            foreach (var called in CallsOf(calls[i]))
            {
                if (!_known.ContainsKey(called) && seen.Add(called))
                {
                    calls.Add(called);
                }
            }

            if (calls.Count > MaxCalls)
            {
                throw new ConstraintTooComplexException($"More than {MaxCalls} parameters of empty rules depend on one another.");
            }
        }

        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = calls.Count - 1; i >= 0; i--)
            {
                if (!_known.GetValueOrDefault(calls[i]) && Holds(calls[i]))
                {
                    _known[calls[i]] = changed = true;
                }
            }
        }

        foreach (var call in calls)
        {
            _known.TryAdd(call, false);
        }
    }

    private List<(int Rule, ulong Parameter)> CallsOf((int Rule, ulong Parameter) caller)
    {
        var calls = new List<(int, ulong)>();
        foreach (var (guard, start) in program.Rule(caller.Rule).Alternatives)
        {
            if (!guard.Allows(caller.Parameter))
            {
                continue;
            }

            for (var position = start; program[position].MayBeSkipped; position++)
            {
                var step = program[position];
                if (step.Kind == StepKind.Call && program.Rule(step.Index).IsGuarded)
                {
                    calls.Add((step.Index, step.Change.Apply(caller.Parameter)));
                }
            }
        }

        return calls;
    }

    private bool Holds((int Rule, ulong Parameter) call)
    {
        foreach (var (guard, start) in program.Rule(call.Rule).Alternatives)
        {
            if (!guard.Allows(call.Parameter))
            {
                continue;
            }

            var position = start;
            while (IsKnownEmpty(program[position], call.Parameter))
            {
                position++;
            }

            if (program[position].Kind == StepKind.End)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsKnownEmpty(in Step step, ulong parameter)
    {
        if (!step.MayBeSkipped || step.Kind != StepKind.Call)
        {
            return step.MayBeSkipped;
        }

        return !program.Rule(step.Index).IsGuarded || _known.GetValueOrDefault((step.Index, step.Change.Apply(parameter)));
    }
}
