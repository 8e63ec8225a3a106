using Connector.Decoding.Constraints.Grammars;
using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Tests.Constraints.JsonSchema;

/// <summary>
/// Whether a text is of a grammar's language, the plain way: Earley's algorithm byte by byte over the grammar as it was
/// built, nothing interned or shared. Slow and obvious; the engine is compared with it.
/// </summary>
internal sealed class ReferenceRecogniser(Grammar grammar)
{
    private readonly Dictionary<(int Regex, byte Value), Regex> _derivatives = [];
    private List<Item> _items = [];
    private HashSet<Item> _set = [];
    private List<(Item Item, Regex Left)> _lexemes = [];

    private sealed class Position
    {
        public List<Item> Waiting { get; } = [];
    }

    private readonly record struct Item(int Rule, ulong Parameter, int Alternative, int Dot, Position Origin);

    /// <summary>Whether the whole text is of the language.</summary>
    public bool Accepts(ReadOnlySpan<byte> text) => Read(text) == text.Length && IsComplete;

    /// <summary>Whether the text read last is of the language.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads as many bytes as some text of the language begins with (dead ends apart); returns their count.</summary>
    public int Read(ReadOnlySpan<byte> text)
    {
        var start = new Position();
        _items = [];
        _set = [];
        _lexemes = [];
        IsComplete = false;
        var root = new Item(-1, 0, 0, 0, start);
        AddItem(root);
        Close(start);
        for (var i = 0; i < text.Length; i++)
        {
            if (!Step(text[i]))
            {
                return i;
            }
        }

        return text.Length;
    }

    private bool Step(byte value)
    {
        var here = new Position();
        var lexemes = _lexemes;
        _items = [];
        _set = [];
        _lexemes = [];
        IsComplete = false;
        foreach (var (item, left) in lexemes)
        {
            if (!_derivatives.TryGetValue((left.Id, value), out var next))
            {
                _derivatives[(left.Id, value)] = next = grammar.Regexes.Derive(left, value);
            }

            if (next == grammar.Regexes.Nothing)
            {
                continue;
            }

            _lexemes.Add((item, next));
            if (grammar.Regexes.IsNullable(next))
            {
                AddItem(item with { Dot = item.Dot + 1 });
            }
        }

        Close(here);
        return _items.Count > 0 || _lexemes.Count > 0;
    }

    private void AddItem(Item item)
    {
        if (_set.Add(item))
        {
            _items.Add(item);
        }
    }

    // Predicts and completes until nothing is new. Completions inside one position may depend on later ones, so the
    // items that ended where they began are remembered.
    private void Close(Position here)
    {
        var empty = new HashSet<(int Rule, ulong Parameter)>();
        for (var i = 0; i < _items.Count; i++)
        {
            var item = _items[i];
            Symbol[] symbols = item.Rule < 0 ? [grammar.Start] : grammar.Alternatives(item.Rule)[item.Alternative].Symbols;
            if (item.Dot == symbols.Length)
            {
                Complete(item, here, empty);
                continue;
            }

            var (kind, index, change) = grammar[symbols[item.Dot]];
            switch (kind)
            {
                case SymbolKind.Lexeme:
                    _lexemes.Add((item, new Regex(index)));
                    if (grammar.Regexes.IsNullable(new Regex(index)))
                    {
                        AddItem(item with { Dot = item.Dot + 1 });
                    }

                    break;
                case SymbolKind.Rule:
                    here.Waiting.Add(item);
                    var parameter = change.Apply(item.Parameter);
                    for (var a = 0; a < grammar.Alternatives(index).Count; a++)
                    {
                        if (grammar.Alternatives(index)[a].Guard.Allows(parameter))
                        {
                            AddItem(new Item(index, parameter, a, 0, here));
                        }
                    }

                    if (empty.Contains((index, parameter)))
                    {
                        AddItem(item with { Dot = item.Dot + 1 });
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private void Complete(Item item, Position here, HashSet<(int Rule, ulong Parameter)> empty)
    {
        if (item.Rule < 0)
        {
            IsComplete = true;
            return;
        }

        if (item.Origin == here)
        {
            empty.Add((item.Rule, item.Parameter));
        }

        foreach (var waiting in item.Origin.Waiting.ToArray())
        {
            var symbols = waiting.Rule < 0 ? [grammar.Start] : grammar.Alternatives(waiting.Rule)[waiting.Alternative].Symbols;
            var (_, index, change) = grammar[symbols[waiting.Dot]];
            if (index == item.Rule && change.Apply(waiting.Parameter) == item.Parameter)
            {
                AddItem(waiting with { Dot = waiting.Dot + 1 });
            }
        }
    }
}
