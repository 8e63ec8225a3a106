using System.Runtime.InteropServices;

namespace Connector.Decoding.Constraints.Lexing;

/// <summary>
/// An automaton of derivatives, built as far as texts reach: a state is a regex, a transition its derivative by a
/// class of bytes. State 0 is dead. Not thread-safe; ids stay valid and what they stand for never changes.
/// </summary>
internal sealed class Lexer
{
    private const int Unknown = -1;

    // Rows of transitions lie 32 to an array, which keeps the arrays off the large object heap.
    private const int RowsShift = 5;
    private const int RowsMask = (1 << RowsShift) - 1;

    private readonly RegexSet _regexes;
    private readonly ConstraintLimits _limits;
    private readonly byte[] _representatives;
    private readonly List<Regex> _regexOf = [];
    private readonly Dictionary<Regex, int> _stateOf = [];
    private readonly Dictionary<ChildList, int> _markIds = [];
    private readonly List<int[]> _marks = [[]];
    private int[] _marksOf = new int[1 << RowsShift];
    private readonly List<int> _marked = [];
    private readonly Dictionary<int, int[]> _parts = [];
    private readonly List<bool> _endsHere = [];
    private int[][] _rows = new int[4][];

    public Lexer(RegexSet regexes, ByteClasses classes, ConstraintLimits limits)
    {
        _regexes = regexes;
        _limits = limits;
        ClassOf = classes.Of;
        _representatives = classes.Representatives;
        ClassCount = classes.Count;
        _markIds[new ChildList([])] = 0;
        State(regexes.Nothing);
    }

    /// <summary>The class of each byte.</summary>
    public byte[] ClassOf { get; }

    /// <summary>How many classes of bytes there are.</summary>
    public int ClassCount { get; }

    /// <summary>States so far.</summary>
    public int Count => _regexOf.Count;

    /// <summary>The state of a regex.</summary>
    public int State(Regex regex)
    {
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_stateOf, regex, out var known);
        if (known)
        {
            return state;
        }

        if ((_regexOf.Count + 1L) * _representatives.Length * sizeof(int) > _limits.MaxCachedBytes)
        {
            _stateOf.Remove(regex);
            throw new ConstraintTooComplexException($"The constraint needs more than {_limits.MaxCachedBytes} bytes of lexer states.") { TablesAreFull = true };
        }

        var id = state = _regexOf.Count;
        _regexOf.Add(regex);
        _marked.Clear();
        _regexes.Marks(regex, _marked);
        _marked.Sort();
        int[] marks = [.. _marked.Distinct()];
        ref var marksId = ref CollectionsMarshal.GetValueRefOrAddDefault(_markIds, new ChildList(marks), out var seen);
        if (!seen)
        {
            marksId = _marks.Count;
            _marks.Add(marks);
        }

        if (id == _marksOf.Length)
        {
            Array.Resize(ref _marksOf, id * 2);
        }

        _marksOf[id] = marksId;
        _endsHere.Add(_regexes.IsOnlyMarks(regex));
        if ((id & RowsMask) == 0)
        {
            if (id >> RowsShift == _rows.Length)
            {
                Array.Resize(ref _rows, _rows.Length * 2);
            }

            var rows = new int[ClassCount << RowsShift];
            rows.AsSpan().Fill(Unknown);
            _rows[id >> RowsShift] = rows;
        }

        if (id == 0)
        {
            Row(0).Clear();
        }

        return id;
    }

    /// <summary>The state after a byte; 0 where none is left.</summary>
    public int Next(int state, byte value) => NextByClass(state, ClassOf[value]);

    /// <summary>The state after a byte of a class.</summary>
    public int NextByClass(int state, int byteClass)
    {
        var next = _rows[state >> RowsShift][((state & RowsMask) * ClassCount) + byteClass];
        return next >= 0 ? next : Derive(state, byteClass);
    }

    /// <summary>States that together read what one reads: see <see cref="RegexSet.Parts"/>.</summary>
    public int[] Parts(int state)
    {
        if (!_parts.TryGetValue(state, out var parts))
        {
            var regexes = new List<Regex>();
            _regexes.Parts(_regexOf[state], regexes);
            _parts[state] = parts = regexes.Count == 1 ? [state] : [.. regexes.Select(State)];
        }

        return parts;
    }

    /// <summary>A state that reads the same within so many bytes, the same for many states: see <see cref="RegexSet.WithinReach"/>.</summary>
    public int WithinReach(int state, int bytes)
    {
        var regex = _regexes.WithinReach(_regexOf[state], bytes);
        return regex == _regexOf[state] ? state : State(regex);
    }

    /// <summary>An id of the lexemes read in full at a state; 0 for none.</summary>
    public int MarksOf(int state) => _marksOf[state];

    /// <summary>Whether more may be read from a state, rather than a lexeme only end there.</summary>
    public bool GoesOn(int state) => !_endsHere[state];

    /// <summary>Whether mark 0 is among those of a state.</summary>
    public bool IsBoundary(int state) => _marks[_marksOf[state]] is [0, ..];

    /// <summary>The numbers of such an id, ascending.</summary>
    public ReadOnlySpan<int> Marks(int marks) => _marks[marks];

    private int Derive(int state, int byteClass)
    {
        var next = State(_regexes.Derive(_regexOf[state], _representatives[byteClass], out var same));
        var row = Row(state);
        for (var c = 0; c < row.Length; c++)
        {
            if (same.Contains(_representatives[c]))
            {
                row[c] = next;
            }
        }

        return next;
    }

    private Span<int> Row(int state) => _rows[state >> RowsShift].AsSpan((state & RowsMask) * ClassCount, ClassCount);
}
