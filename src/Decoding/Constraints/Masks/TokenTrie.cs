namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// Tokens as a tree of bytes, laid out in preorder: the children of a node follow it, and <see cref="End"/> skips
/// them. The tokens lie in the same order, so those of a whole subtree are one run. Several trees may lie one after
/// the other in the same arrays. Immutable.
/// </summary>
internal sealed class TokenTrie
{
    private TokenTrie(byte[] value, ushort[] depth, int[] end, int[] first, int[] tokens, int[] roots)
    {
        Value = value;
        Depth = depth;
        End = end;
        First = first;
        Tokens = tokens;
        Roots = roots;
    }

    /// <summary>The last byte of a node's text.</summary>
    public byte[] Value { get; }

    /// <summary>The length of a node's text in bytes, from 1.</summary>
    public ushort[] Depth { get; }

    /// <summary>The first node that is no descendant of a node.</summary>
    public int[] End { get; }

    /// <summary>
    /// Where a node's tokens start in <see cref="Tokens"/>: its own end where those of the next node start, those of
    /// its subtree where those of <see cref="End"/> start.
    /// </summary>
    public int[] First { get; }

    /// <summary>The tokens in the order of their nodes.</summary>
    public int[] Tokens { get; }

    /// <summary>Where each tree starts, and where the last ends.</summary>
    public int[] Roots { get; }

    /// <summary>The longest text of a token in bytes.</summary>
    public int MaxDepth { get; private init; }

    /// <summary>The tokens whose text is a node's.</summary>
    public ReadOnlySpan<int> At(int node) => Tokens.AsSpan(First[node]..First[node + 1]);

    /// <summary>The tokens whose text starts with a node's.</summary>
    public ReadOnlySpan<int> Below(int node) => Tokens.AsSpan(First[node]..First[End[node]]);

    /// <summary>Lays out trees of tokens.</summary>
    /// <param name="vocabulary">The texts of the tokens.</param>
    /// <param name="trees">The tokens of each tree, all with a text.</param>
    public static TokenTrie Create(Vocabulary vocabulary, params ReadOnlySpan<List<int>> trees)
    {
        var builder = new Builder(vocabulary);
        var roots = new List<int> { 0 };
        foreach (var tree in trees)
        {
            builder.Add([.. tree]);
            roots.Add(builder.Count);
        }

        return builder.Build([.. roots]);
    }

    /// <summary>Whether some token is longer than a text that it starts with.</summary>
    public bool IsProperPrefix(ReadOnlySpan<byte> text)
    {
        for (var tree = 0; tree + 1 < Roots.Length; tree++)
        {
            var (node, end) = (Roots[tree], Roots[tree + 1]);
            for (var i = 0; i < text.Length && node < end; i++)
            {
                while (node < end && Value[node] != text[i])
                {
                    node = End[node];
                }

                (node, end) = node < end ? (node + 1, End[node]) : (end, end);
            }

            if (node < end)
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Builder(Vocabulary vocabulary)
    {
        private readonly List<byte> _value = [];
        private readonly List<ushort> _depth = [];
        private readonly List<int> _end = [];
        private readonly List<int> _first = [];
        private readonly List<int> _tokens = [];
        private readonly List<int> _path = [];
        private int _maxDepth;

        public int Count => _value.Count;

        public void Add(int[] sorted)
        {
            Array.Sort(sorted, (x, y) => vocabulary.Piece(x).SequenceCompareTo(vocabulary.Piece(y)) is var order && order != 0 ? order : x.CompareTo(y));
            var previous = ReadOnlySpan<byte>.Empty;
            foreach (var token in sorted)
            {
                var piece = vocabulary.Piece(token);
                var common = piece.CommonPrefixLength(previous);
                if (common < piece.Length)
                {
                    Close(common);
                    for (var i = common; i < piece.Length; i++)
                    {
                        _path.Add(_value.Count);
                        _value.Add(piece[i]);
                        _depth.Add((ushort)(i + 1));
                        _end.Add(0);
                        _first.Add(_tokens.Count);
                    }
                }

                _tokens.Add(token);
                _maxDepth = Math.Max(_maxDepth, piece.Length);
                previous = piece;
            }

            Close(0);
        }

        public TokenTrie Build(int[] roots) =>
            new([.. _value], [.. _depth], [.. _end], [.. _first, _tokens.Count], [.. _tokens], roots) { MaxDepth = _maxDepth };

        private void Close(int depth)
        {
            while (_path.Count > depth)
            {
                _end[_path[^1]] = _value.Count;
                _path.RemoveAt(_path.Count - 1);
            }
        }
    }
}
