using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// How far plain text (<see cref="PlainText"/>) can go from a lexer state.
/// </summary>
/// <param name="IsKnown">Whether it depends on nothing but the number of code points.</param>
/// <param name="Length">So many code points can be read, of those of short tokens; <see cref="int.MaxValue"/> for any number.</param>
internal readonly record struct PlainRun(bool IsKnown, int Length);

/// <summary>Finds <see cref="PlainRun"/>s.</summary>
internal sealed class PlainReach(Lexer lexer)
{
    // Counts of several things at once lead to ever more states; walking the tokens then costs less than these do.
    private const int MaxLayer = 4;

    private readonly Dictionary<int, CodePointStep> _steps = [];
    private readonly HashSet<(int Utf8, int State)> _seen = [];
    private readonly Stack<(int Utf8, int State)> _open = new();
    private readonly List<int> _reached = [];
    private readonly (int ByteClass, int Utf8)[][] _bytes = [.. Enumerable.Range(0, PlainText.StateCount).Select(u => Bytes(lexer, u))];
    private readonly HashSet<int> _visited = [];
    private sbyte[] _closed = new sbyte[64];
    private List<int> _layer = [];
    private List<int> _nextLayer = [];

    // What one plain code point does to a state: where it can lead, and whether some code point leads nowhere.
    private readonly record struct CodePointStep(int[] Reached, bool IsDeadForSome, bool IsMarked);

    /// <summary>How far plain text goes from a state.</summary>
    public PlainRun Of(int state)
    {
        _visited.Clear();
        _visited.Add(state);
        _layer.Clear();
        _layer.Add(state);
        var isMarked = false;
        for (var length = 0; length < VocabularyTables.MaxShortLength; length++)
        {
            _nextLayer.Clear();
            var dead = false;
            var isNew = false;
            if (_layer.Count > MaxLayer)
            {
                return default;
            }

            foreach (var from in _layer)
            {
                var step = StepOf(from);
                dead |= step.IsDeadForSome;
                if (dead && (step.Reached.Length > 0 || _nextLayer.Count > 0))
                {
                    return default;
                }

                foreach (var reached in step.Reached)
                {
                    isNew |= _visited.Add(reached);
                    if (!_nextLayer.Contains(reached))
                    {
                        _nextLayer.Add(reached);
                    }
                }
            }

            if (dead)
            {
                // All end here. What a lexeme that may end before could be followed by is not known from here.
                return isMarked ? default : new PlainRun(true, length);
            }

            isMarked |= _layer.Exists(s => StepOf(s).IsMarked);
            if (!isNew)
            {
                return new PlainRun(true, int.MaxValue);
            }

            (_layer, _nextLayer) = (_nextLayer, _layer);
        }

        return new PlainRun(true, VocabularyTables.MaxShortLength);
    }

    /// <summary>Whether plain text of any length can be read from a state. Known at once for most states.</summary>
    public bool IsClosed(int state)
    {
        var known = (uint)state < (uint)_closed.Length ? _closed[state] : 0;
        return known != 0 ? known > 0 : FindClosed(state);
    }

    private bool FindClosed(int state)
    {
        if (state >= _closed.Length)
        {
            Array.Resize(ref _closed, Math.Max(state + 1, _closed.Length * 2));
        }

        // One letter and then another tell most states that are not without deriving much: those that count.
        var after = lexer.Next(state, (byte)'a');
        var isClosed = after != 0 && lexer.Next(after, (byte)'a') == after && Of(state).Length == int.MaxValue;
        _closed[state] = (sbyte)(isClosed ? 1 : -1);
        return isClosed;
    }

    private CodePointStep StepOf(int state)
    {
        if (_steps.TryGetValue(state, out var known))
        {
            return known;
        }

        _seen.Clear();
        _reached.Clear();
        _open.Clear();
        _open.Push((PlainText.Outside, state));
        var dead = false;
        while (_open.TryPop(out var top))
        {
            foreach (var (byteClass, utf8) in _bytes[top.Utf8])
            {
                var next = lexer.NextByClass(top.State, byteClass);
                dead |= next == 0;
                if (next != 0 && utf8 != PlainText.Outside)
                {
                    if (_seen.Add((utf8, next)))
                    {
                        _open.Push((utf8, next));
                    }
                }
                else if (next != 0 && !_reached.Contains(next))
                {
                    _reached.Add(next);
                }

                if (dead && _reached.Count > 0)
                {
                    // Code points differ: no more is asked about such a state.
                    return _steps[state] = new CodePointStep([.. _reached], true, false);
                }
            }
        }

        return _steps[state] = new CodePointStep([.. _reached], dead, _reached.Exists(s => lexer.MarksOf(s) != 0));
    }

    private static (int ByteClass, int Utf8)[] Bytes(Lexer lexer, int utf8)
    {
        var steps = new List<(int ByteClass, int Utf8)>();
        Span<bool> seen = stackalloc bool[256 * PlainText.StateCount];
        seen.Clear();
        for (var b = 0; b < 256; b++)
        {
            var next = PlainText.Next(utf8, (byte)b);
            if (next >= 0 && !seen[(lexer.ClassOf[b] * PlainText.StateCount) + next])
            {
                seen[(lexer.ClassOf[b] * PlainText.StateCount) + next] = true;
                steps.Add((lexer.ClassOf[b], next));
            }
        }

        return [.. steps];
    }
}
