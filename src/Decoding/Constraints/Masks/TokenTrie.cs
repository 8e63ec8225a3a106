namespace Connector.Decoding.Constraints.Masks;

/// <summary>
/// Tokens as a tree of bytes, laid out in preorder: the children of a node follow it, and <see cref="End"/> skips
/// them. Several trees may lie one after the other in the same arrays. Immutable.
/// </summary>
internal sealed class TokenTrie
{
    private TokenTrie(byte[] value, ushort[] depth, int[] end, int[] token, int[] same, int[] roots)
    {
        Value = value;
        Depth = depth;
        End = end;
        Token = token;
        Same = same;
        Roots = roots;
    }

    /// <summary>The last byte of a node's text.</summary>
    public byte[] Value { get; }

    /// <summary>The length of a node's text in bytes, from 1.</summary>
    public ushort[] Depth { get; }

    /// <summary>The first node that is no descendant of a node.</summary>
    public int[] End { get; }

    /// <summary>A token that is exactly a node's text; -1 for none.</summary>
    public int[] Token { get; }

    /// <summary>By token: another one with the same text; -1 for none.</summary>
    public int[] Same { get; }

    /// <summary>Where each tree starts, and where the last ends.</summary>
    public int[] Roots { get; }

    /// <summary>The longest text of a token in bytes.</summary>
    public int MaxDepth { get; private init; }

    /// <summary>Lays out trees of tokens.</summary>
    /// <param name="vocabulary">The texts of the tokens.</param>
    /// <param name="trees">The tokens of each tree, all with a text.</param>
    public static TokenTrie Create(Vocabulary vocabulary, params ReadOnlySpan<int[]> trees)
    {
        var builder = new Builder(vocabulary);
        var roots = new List<int> { 0 };
        foreach (var tree in trees)
        {
            builder.Add(tree);
            roots.Add(builder.Count);
        }

        return builder.Build([.. roots]);
    }

    /// <summary>Whether some token of the first tree is longer than a text that it starts with.</summary>
    public bool IsProperPrefix(ReadOnlySpan<byte> text)
    {
        var (node, end) = (Roots[0], Roots[1]);
        for (var i = 0; i < text.Length; i++)
        {
            while (node < end && Value[node] != text[i])
            {
                node = End[node];
            }

            if (node >= end)
            {
                return false;
            }

            (node, end) = (node + 1, End[node]);
        }

        return node < end;
    }

    private sealed class Builder(Vocabulary vocabulary)
    {
        private readonly List<byte> _value = [];
        private readonly List<ushort> _depth = [];
        private readonly List<int> _end = [];
        private readonly List<int> _token = [];
        private readonly int[] _same = [.. Enumerable.Repeat(-1, vocabulary.Count)];
        private readonly List<int> _path = [];
        private int _maxDepth;

        public int Count => _value.Count;

        public void Add(int[] tokens)
        {
            var sorted = (int[])tokens.Clone();
            Array.Sort(sorted, (x, y) => vocabulary.Piece(x).SequenceCompareTo(vocabulary.Piece(y)) is var order && order != 0 ? order : x.CompareTo(y));
            var previous = ReadOnlySpan<byte>.Empty;
            foreach (var token in sorted)
            {
                var piece = vocabulary.Piece(token);
                var common = piece.CommonPrefixLength(previous);
                if (common == piece.Length)
                {
                    _same[token] = _token[^1];
                    _token[^1] = token;
                    continue;
                }

                Close(common);
                for (var i = common; i < piece.Length; i++)
                {
                    _path.Add(_value.Count);
                    _value.Add(piece[i]);
                    _depth.Add((ushort)(i + 1));
                    _end.Add(0);
                    _token.Add(-1);
                }

                _token[^1] = token;
                _maxDepth = Math.Max(_maxDepth, piece.Length);
                previous = piece;
            }

            Close(0);
        }

        public TokenTrie Build(int[] roots) =>
            new([.. _value], [.. _depth], [.. _end], [.. _token], _same, roots) { MaxDepth = _maxDepth };

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
