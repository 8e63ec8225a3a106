using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>Reads the keywords of a schema as a term: what it allows.</summary>
internal sealed partial class KeywordReader
{
    private readonly SchemaDocument _document;
    private readonly SchemaContext _context;

    /// <summary>Reads a document.</summary>
    public KeywordReader(SchemaDocument document, SchemaContext context)
    {
        _document = document;
        _context = context;
        Terms = new SchemaTerms(context)
        {
            Define = Define,
            TracksEvaluation = document.Dialect >= SchemaDialect.Draft2019
                && document.Root.Element.GetRawText().Contains("\"unevaluated", StringComparison.Ordinal),
        };
    }

    /// <summary>The terms read so far.</summary>
    public SchemaTerms Terms { get; }

    private Term Define(SchemaLocation at)
    {
        switch (at.Element.ValueKind)
        {
            case JsonValueKind.True:
                return Term.True;
            case JsonValueKind.False:
                return Term.False;
            case JsonValueKind.Object:
                break;
            default:
                throw new UnsupportedSchemaException(at.Pointer, "", $"a schema is an object or a boolean, not {at.Element.ValueKind}");
        }

        var keywords = new KeywordSet(at.Element, _document.Dialect);
        var parts = new List<Term>();
        if (TryString(at, keywords, "$ref", out var reference))
        {
            parts.Add(Terms.At(_document.Resolve(at, "$ref", reference)));
            if (_document.Dialect.RefIgnoresSiblings())
            {
                return parts[0];
            }
        }

        var types = Types(at, keywords, parts);
        AddValues(at, keywords, parts);
        if (types.HasFlag(JsonTypes.Number))
        {
            AddNumber(at, keywords, parts);
        }

        if (types.HasFlag(JsonTypes.String))
        {
            AddText(at, keywords, parts);
        }
        else if (types.HasFlag(JsonTypes.Number) && keywords.TryGet("format", out var format))
        {
            _context.Report(at.Pointer, "format", $"'{format}' on numbers is an annotation");
        }

        if (types.HasFlag(JsonTypes.Array))
        {
            AddArray(at, keywords, parts);
        }

        if (types.HasFlag(JsonTypes.Object))
        {
            AddObject(at, keywords, parts);
        }

        AddApplicators(at, keywords, parts);
        var all = Terms.And(CollectionsMarshal.AsSpan(parts));
        return Terms.Unevaluated(all, ChildOrTrue(at, keywords, "unevaluatedProperties"), ChildOrTrue(at, keywords, "unevaluatedItems"));
    }

    private void AddApplicators(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        foreach (var keyword in new[] { "$dynamicRef", "$recursiveRef" })
        {
            if (TryString(at, keywords, keyword, out var reference))
            {
                parts.Add(Terms.At(_document.Resolve(at, keyword, reference)));
            }
        }

        parts.AddRange(Children(at, keywords, "allOf"));
        if (Children(at, keywords, "anyOf") is { Count: > 0 } any)
        {
            parts.Add(Terms.Or(new KeywordOrigin(at.Pointer, "anyOf"), CollectionsMarshal.AsSpan(any)));
        }

        if (Children(at, keywords, "oneOf") is { Count: > 0 } one)
        {
            parts.Add(Terms.OneOf(new KeywordOrigin(at.Pointer, "oneOf"), CollectionsMarshal.AsSpan(one)));
        }

        if (keywords.TryGet("not", out var not))
        {
            parts.Add(Terms.Not(new KeywordOrigin(at.Pointer, "not"), Terms.At(_document.Child(at, not, "not"))));
        }

        if (keywords.TryGet("if", out var condition))
        {
            var test = Terms.At(_document.Child(at, condition, "if"));
            var origin = new KeywordOrigin(at.Pointer, "if");
            parts.Add(Terms.Or(
                origin,
                Terms.And(test, ChildOrTrue(at, keywords, "then")),
                Terms.And(Terms.Not(origin, test), ChildOrTrue(at, keywords, "else"))));
        }
    }

    private Term ChildOrTrue(SchemaLocation at, KeywordSet keywords, string keyword) =>
        keywords.TryGet(keyword, out var child) ? Terms.At(_document.Child(at, child, keyword)) : Term.True;

    private List<Term> Children(SchemaLocation at, KeywordSet keywords, string keyword)
    {
        var children = new List<Term>();
        if (keywords.TryGet(keyword, out var list))
        {
            if (list.ValueKind != JsonValueKind.Array)
            {
                Malformed(at, keyword, children);
                return children;
            }

            var index = 0;
            foreach (var child in list.EnumerateArray())
            {
                children.Add(Terms.At(_document.Child(at, child, keyword, Index(index++))));
            }
        }

        return children;
    }

    private void Malformed(SchemaLocation at, string keyword, List<Term> parts)
    {
        _context.Report(at.Pointer, keyword, "its value is not what the keyword takes");
        parts.Add(Terms.Opaque);
    }

    private bool TryString(SchemaLocation at, KeywordSet keywords, string keyword, out string value)
    {
        value = "";
        if (!keywords.TryGet(keyword, out var element))
        {
            return false;
        }

        if (element.ValueKind == JsonValueKind.String)
        {
            value = element.GetString()!;
            return true;
        }

        _context.Report(at.Pointer, keyword, "its value is not a string");
        return false;
    }

    // Counts may be written as 2.0.
    private int? Count(SchemaLocation at, KeywordSet keywords, string keyword, List<Term> parts)
    {
        if (!keywords.TryGet(keyword, out var element))
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && number >= 0 && Math.Floor(number) == number)
        {
            return (int)Math.Min(number, int.MaxValue);
        }

        Malformed(at, keyword, parts);
        return null;
    }

    private static string Index(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static ImmutableArray<T> One<T>(T item) => [item];
}

/// <summary>The keywords of one schema object. Of a keyword that stands twice the last counts.</summary>
internal readonly struct KeywordSet
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the keywords that a draft knows.</summary>
    public KeywordSet(JsonElement schema, SchemaDialect dialect)
    {
        foreach (var member in schema.EnumerateObject())
        {
            if (SchemaKeywords.IsRead(member.Name, dialect))
            {
                _values[member.Name] = member.Value;
            }
        }
    }

    /// <summary>The value of a keyword.</summary>
    public bool TryGet(string keyword, out JsonElement value) => _values.TryGetValue(keyword, out value);
}
