using System.Collections.Immutable;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>What compiling one schema shares. Not thread-safe.</summary>
internal sealed class SchemaContext
{
    private const int MaxEmptinessSteps = 500;
    private const int NodesPerStep = 4;

    private readonly Dictionary<UnenforcedKeyword, int> _unenforced = [];
    private readonly JsonSchemaOptions _options;

    /// <summary>Starts a compilation.</summary>
    /// <param name="regexes">Where the languages live.</param>
    /// <param name="options">The options.</param>
    /// <param name="fuel">How much work it may take.</param>
    /// <param name="isExact">Whether the alternatives of every oneOf are told apart, even where that takes many cases.</param>
    public SchemaContext(RegexSet regexes, JsonSchemaOptions options, int fuel, bool isExact)
    {
        _options = options;
        IsExact = isExact;
        Regexes = regexes;
        Fuel = new SchemaFuel(fuel);
        Text = new JsonText(regexes);
        Patterns = new PatternCompiler(Text);
        Numbers = new NumberLanguages(regexes);
        Presence = new PresenceFormulas(Fuel);
    }

    /// <summary>Whether the alternatives of every oneOf are told apart; otherwise only those that have no value in common.</summary>
    public bool IsExact { get; }

    /// <summary>Where the languages live.</summary>
    public RegexSet Regexes { get; }

    /// <summary>The work left.</summary>
    public SchemaFuel Fuel { get; }

    /// <summary>The contents of JSON strings.</summary>
    public JsonText Text { get; }

    /// <summary>Patterns over the contents of JSON strings.</summary>
    public PatternCompiler Patterns { get; }

    /// <summary>Conditions on numbers.</summary>
    public NumberLanguages Numbers { get; }

    /// <summary>Conditions on which properties an object has.</summary>
    public PresenceFormulas Presence { get; }

    /// <summary>Every key.</summary>
    public Regex Keys => Text.AnyText;

    /// <summary>What is not enforced, in the order in which it came up.</summary>
    public ImmutableArray<UnenforcedKeyword> Unenforced => [.. _unenforced.OrderBy(u => u.Value).Select(u => u.Key)];

    /// <summary>Reports a keyword that is not enforced.</summary>
    /// <exception cref="UnsupportedSchemaException">The options are strict.</exception>
    public void Report(string jsonPointer, string keyword, string reason)
    {
        if (_options.Strict)
        {
            throw new UnsupportedSchemaException(jsonPointer, keyword, reason);
        }

        _unenforced.TryAdd(new UnenforcedKeyword(jsonPointer, keyword, reason), _unenforced.Count);
    }

    /// <summary>Whether a language is known to be empty; one that takes long to tell counts as not empty.</summary>
    public bool IsEmpty(Regex regex)
    {
        var before = Regexes.Count;
        var isEmpty = Regexes.IsEmptyWithin(regex, MaxEmptinessSteps);
        Fuel.Spend((Regexes.Count - before) / NodesPerStep);
        return isEmpty;
    }

    /// <summary>Whether a key is of a language.</summary>
    public bool Matches(Regex keys, string key)
    {
        if (keys == Keys)
        {
            return true;
        }

        foreach (var value in JsonText.Spell(key))
        {
            keys = Regexes.Derive(keys, value);
        }

        return Regexes.IsNullable(keys);
    }
}
