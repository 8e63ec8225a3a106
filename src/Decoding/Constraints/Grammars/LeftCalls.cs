namespace Connector.Decoding.Constraints.Grammars;

/// <summary>
/// The order of rules by who calls whom before anything is read: callers first; rules that so reach themselves are
/// left-recursive and share a rank with those on the way (strongly connected components, Tarjan 1972).
/// </summary>
internal sealed class LeftCalls
{
    private readonly Step[] _steps;
    private readonly List<(Guard Guard, int Position)[]> _alternatives;
    private readonly int[][] _calls;
    private readonly int[] _index;
    private readonly int[] _low;
    private readonly int[] _component;
    private readonly Stack<int> _open = new();
    private int _next;
    private int _components;

    private LeftCalls(Step[] steps, List<(Guard Guard, int Position)[]> alternatives)
    {
        _steps = steps;
        _alternatives = alternatives;
        _calls = [.. Enumerable.Range(0, alternatives.Count).Select(Calls)];
        _index = new int[alternatives.Count];
        _low = new int[alternatives.Count];
        _component = new int[alternatives.Count];
        Array.Fill(_component, -1);
    }

    /// <summary>The rules with what the order tells about them.</summary>
    public static RuleInfo[] Analyse(Step[] steps, List<(Guard Guard, int Position)[]> alternatives, List<bool> loops)
    {
        var calls = new LeftCalls(steps, alternatives);
        for (var rule = 0; rule < alternatives.Count; rule++)
        {
            if (calls._component[rule] < 0)
            {
                calls.Visit(rule);
            }
        }

        return calls.Describe(loops, calls.ReachGuards(loops));
    }

    private int[] Calls(int rule)
    {
        var called = new HashSet<int>();
        foreach (var (_, start) in _alternatives[rule])
        {
            for (var position = start; ; position++)
            {
                var step = _steps[position];
                if (step.Kind == StepKind.Call)
                {
                    called.Add(step.Index);
                }

                if (!step.MayBeSkipped)
                {
                    break;
                }
            }
        }

        return [.. called];
    }

    private void Visit(int root)
    {
        var path = new Stack<(int Rule, int Call)>();
        Open(root, path);
        while (path.TryPop(out var top))
        {
            var (rule, call) = top;
            if (call < _calls[rule].Length)
            {
                path.Push((rule, call + 1));
                var called = _calls[rule][call];
                if (_index[called] == 0)
                {
                    Open(called, path);
                }
                else if (_component[called] < 0)
                {
                    _low[rule] = Math.Min(_low[rule], _index[called]);
                }

                continue;
            }

            if (path.TryPeek(out var caller))
            {
                _low[caller.Rule] = Math.Min(_low[caller.Rule], _low[rule]);
            }

            if (_low[rule] == _index[rule])
            {
                int member;
                do
                {
                    member = _open.Pop();
                    _component[member] = _components;
                }
                while (member != rule);
                _components++;
            }
        }
    }

    private void Open(int rule, Stack<(int Rule, int Call)> path)
    {
        _index[rule] = _low[rule] = ++_next;
        _open.Push(rule);
        path.Push((rule, 0));
    }

    private RuleInfo[] Describe(List<bool> loops, bool[] reachesGuards)
    {
        var size = new int[_components];
        foreach (var component in _component)
        {
            size[component]++;
        }

        // Components are numbered callees first, so one pass in that order sees guards of called rules before callers.
        var guarded = new bool[_components];
        foreach (var rule in Enumerable.Range(0, _calls.Length).OrderBy(r => _component[r]))
        {
            guarded[_component[rule]] |= Array.Exists(_alternatives[rule], static a => a.Guard != Guard.Always)
                || Array.Exists(_calls[rule], called => guarded[_component[called]]);
        }

        return [.. Enumerable.Range(0, _calls.Length).Select(rule => new RuleInfo(
            _alternatives[rule],
            _components - 1 - _component[rule],
            size[_component[rule]] > 1 || _calls[rule].Contains(rule),
            Array.Exists(_alternatives[rule], a => IsSkippable(a.Position)),
            guarded[_component[rule]],
            loops[rule],
            reachesGuards[rule]))];
    }

    // Rules with guards, and all that call them, found backwards from callee to caller.
    private bool[] ReachGuards(List<bool> loops)
    {
        var callers = new List<int>?[_calls.Length];
        var reaches = new bool[_calls.Length];
        var open = new Stack<int>();
        for (var rule = 0; rule < _calls.Length; rule++)
        {
            if (!loops[rule] && Array.Exists(_alternatives[rule], static a => a.Guard != Guard.Always))
            {
                reaches[rule] = true;
                open.Push(rule);
            }
        }

        if (open.Count == 0)
        {
            return reaches;
        }

        for (var rule = 0; rule < _calls.Length; rule++)
        {
            foreach (var (_, start) in _alternatives[rule])
            {
                for (var position = start; _steps[position].Kind != StepKind.End; position++)
                {
                    if (_steps[position].Kind == StepKind.Call)
                    {
                        (callers[_steps[position].Index] ??= []).Add(rule);
                    }
                }
            }
        }

        while (open.TryPop(out var called))
        {
            foreach (var caller in callers[called] ?? [])
            {
                if (!reaches[caller])
                {
                    reaches[caller] = true;
                    open.Push(caller);
                }
            }
        }

        return reaches;
    }

    private bool IsSkippable(int position)
    {
        while (_steps[position].MayBeSkipped)
        {
            position++;
        }

        return _steps[position].Kind == StepKind.End;
    }
}
