using System.Runtime.InteropServices;
using Connector.Decoding.Constraints.Grammars;

namespace Connector.Decoding.Constraints.Parsing;

/// <summary>
/// Follows the calls of a state's items down to the lexemes and tokens that may come next. Callers go before those
/// they call (<see cref="RuleInfo.Rank"/>), so that all continuations of a rule are known when its list is made.
/// </summary>
internal sealed class Closure(GrammarProgram program, ItemLists lists, Emptiness emptiness, Productivity productivity)
{
    private readonly Dictionary<(int Rule, ulong Parameter), int> _callIds = [];
    private readonly List<(int Rule, ulong Parameter, int List, List<Item> Returns)> _calls = [];
    private readonly PriorityQueue<int, int> _waiting = new();
    private readonly List<(int Lexeme, Item Item)> _lexemes = [];
    private readonly List<(int Set, Item Item)> _tokens = [];
    private readonly Dictionary<int, int> _openLists = [];

    /// <summary>What a state expects.</summary>
    public ParserState Expand(int state)
    {
        _callIds.Clear();
        _calls.Clear();
        _waiting.Clear();
        _lexemes.Clear();
        _tokens.Clear();
        _openLists.Clear();
        var accepts = false;
        foreach (var item in lists[state].ToArray())
        {
            accepts |= item.Position == program.Accept;
            Visit(item);
        }

        while (_waiting.TryDequeue(out var call, out _))
        {
            Enter(call);
        }

        foreach (var (_, _, list, returns) in _calls)
        {
            if (list >= 0)
            {
                lists.Fill(list, returns);
            }
        }

        return Collect(accepts);
    }

    private void Visit(Item item)
    {
        ref readonly var step = ref program[item.Position];
        var next = item with { Position = item.Position + 1 };
        switch (step.Kind)
        {
            case StepKind.Lexeme:
                _lexemes.Add((step.Index, next));
                break;
            case StepKind.Tokens:
                _tokens.Add((step.Index, next));
                break;
            case StepKind.Call:
                Call(step.Index, step.Change.Apply(item.Parameter), next);
                break;
            default:
                break;
        }
    }

    private void Call(int rule, ulong parameter, Item next)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(_callIds, (rule, parameter), out var known);
        if (!known)
        {
            id = _calls.Count;
            var list = program.Rule(rule).IsLeftRecursive ? lists.Reserve() : -1;
            _calls.Add((rule, parameter, list, []));
            if (list >= 0)
            {
                _openLists[list] = id;
            }

            _waiting.Enqueue(id, program.Rule(rule).Rank);
        }

        var returns = _calls[id].Returns;
        if (program[next.Position].Kind == StepKind.End && next.Position != program.Accept && !_openLists.ContainsKey(next.Return))
        {
            foreach (var item in lists[next.Return])
            {
                returns.Add(item);
            }
        }
        else
        {
            returns.Add(next);
        }
    }

    private void Enter(int call)
    {
        var (rule, parameter, list, returns) = _calls[call];
        var continuation = list >= 0 ? list : lists.Intern(returns);
        var checks = program.Rule(rule).ReachesGuards;
        foreach (var (guard, start) in program.Rule(rule).Alternatives)
        {
            if (!guard.Allows(parameter) || (checks && !productivity.CanFinish(start, parameter)))
            {
                continue;
            }

            for (var position = start; ; position++)
            {
                Visit(new Item(position, continuation, parameter));
                if (!emptiness.MayBeSkipped(program[position], parameter))
                {
                    break;
                }
            }
        }
    }

    private ParserState Collect(bool accepts)
    {
        _lexemes.Sort(static (x, y) => x.Lexeme != y.Lexeme ? x.Lexeme.CompareTo(y.Lexeme) : Item.Compare(x.Item, y.Item));
        var lexemes = new List<int>();
        var starts = new List<int>();
        var items = new Item[_lexemes.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (i == 0 || _lexemes[i].Lexeme != _lexemes[i - 1].Lexeme)
            {
                lexemes.Add(_lexemes[i].Lexeme);
                starts.Add(i);
            }

            items[i] = _lexemes[i].Item;
        }

        starts.Add(items.Length);
        return new ParserState(accepts, [.. lexemes], [.. starts], items, [.. _tokens]);
    }
}
