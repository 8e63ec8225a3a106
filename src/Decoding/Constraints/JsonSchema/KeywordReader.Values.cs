using System.Text.Json;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The types of JSON values.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Number = 4,
    String = 8,
    Array = 16,
    Object = 32,
    All = 63,
}

/// <content>Types, enumerated values, numbers and strings.</content>
internal sealed partial class KeywordReader
{
    private JsonTypes Types(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        if (!keywords.TryGet("type", out var type))
        {
            return JsonTypes.All;
        }

        var (types, integer) = (JsonTypes.None, false);
        foreach (var name in type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : (IEnumerable<JsonElement>)[type])
        {
            switch (name.ValueKind == JsonValueKind.String ? name.GetString() : null)
            {
                case "null":
                    types |= JsonTypes.Null;
                    break;
                case "boolean":
                    types |= JsonTypes.Boolean;
                    break;
                case "integer":
                    integer = true;
                    break;
                case "number":
                    types |= JsonTypes.Number;
                    break;
                case "string":
                    types |= JsonTypes.String;
                    break;
                case "array":
                    types |= JsonTypes.Array;
                    break;
                case "object":
                    types |= JsonTypes.Object;
                    break;
                default:
                    _context.Report(at.Pointer, "type", $"{name.GetRawText()} is no JSON type");
                    parts.Add(Terms.Opaque);
                    return JsonTypes.All;
            }
        }

        integer &= !types.HasFlag(JsonTypes.Number);
        parts.Add(OfTypes(types, integer));
        return integer ? types | JsonTypes.Number : types;
    }

    private Term OfTypes(JsonTypes types, bool integer)
    {
        var numbers = types.HasFlag(JsonTypes.Number) ? _context.Numbers.All
            : integer ? _document.Dialect == SchemaDialect.Draft4 ? _context.Numbers.IntegerLiteral : _context.Numbers.Integer.Fulfilling
            : _context.Numbers.None;
        var constants = (types.HasFlag(JsonTypes.Null) ? JsonConstants.Null : JsonConstants.None)
            | (types.HasFlag(JsonTypes.Boolean) ? JsonConstants.Boolean : JsonConstants.None);
        var hasText = types.HasFlag(JsonTypes.String);
        var set = _context.Regexes;
        return Terms.Atom(
            new ValueForm(
                new ScalarForm(constants, numbers, hasText ? _context.Text.AnyText : set.Nothing),
                types.HasFlag(JsonTypes.Array) ? One(Terms.AnyArray) : [],
                types.HasFlag(JsonTypes.Object) ? One(Terms.AnyObject) : []),
            () => new ScalarForm(
                JsonConstants.All & ~constants,
                types.HasFlag(JsonTypes.Number) ? _context.Numbers.None : integer ? _context.Numbers.Integer.Breaking : _context.Numbers.All,
                hasText ? set.Nothing : _context.Text.AnyText));
    }

    private void AddValues(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        if (keywords.TryGet("enum", out var values))
        {
            if (values.ValueKind == JsonValueKind.Array)
            {
                parts.Add(OfValues([.. values.EnumerateArray()]));
            }
            else
            {
                Malformed(at, "enum", parts);
            }
        }

        if (keywords.TryGet("const", out var value))
        {
            parts.Add(OfValues([value]));
        }
    }

    private Term OfValues(List<JsonElement> values)
    {
        _context.Fuel.Spend(values.Count);
        var numbers = _context.Numbers;
        var (constants, number, breaking) = (JsonConstants.None, numbers.None, numbers.All);
        var texts = new List<string>();
        var arrays = new List<ArrayShape>();
        var objects = new List<ObjectShape>();
        foreach (var value in values)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Null:
                    constants |= JsonConstants.Null;
                    break;
                case JsonValueKind.False:
                    constants |= JsonConstants.False;
                    break;
                case JsonValueKind.True:
                    constants |= JsonConstants.True;
                    break;
                case JsonValueKind.String:
                    texts.Add(value.GetString()!);
                    break;
                case JsonValueKind.Number:
                    var condition = Exactly(value.GetRawText());
                    number = numbers.Either(number, condition.Fulfilling);
                    breaking = numbers.Both(breaking, condition.Breaking);
                    break;
                case JsonValueKind.Array:
                    List<Term> items = [.. value.EnumerateArray().Select(i => OfValues([i]))];
                    arrays.Add(new ArrayShape { Prefix = [.. items], Rest = Term.False, Min = items.Count, Max = items.Count });
                    break;
                default:
                    objects.Add(OfMembers(value));
                    break;
            }
        }

        var text = _context.Text;
        return Terms.Atom(
            new ValueForm(new ScalarForm(constants, number, text.Usual(texts)), [.. arrays], [.. objects]),
            () => new ScalarForm(JsonConstants.All & ~constants, breaking, text.Except(text.Regexes.Or([.. texts.Select(text.Literal)]))));
    }

    private ObjectShape OfMembers(JsonElement value)
    {
        var presence = PresenceFormulas.True;
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            members[member.Name] = member.Value;
            presence = _context.Presence.And(presence, _context.Presence.Has(member.Name));
        }

        return new ObjectShape
        {
            Properties = [.. members.Select(m => new ShapeProperty(m.Key, OfValues([m.Value]), Evaluated: false))],
            Others = [],
            Presence = presence,
        };
    }

    private NumberCondition Exactly(string text)
    {
        if (JsonDecimal.TryParse(text, out var value))
        {
            return _context.Numbers.Exactly(value);
        }

        // A number of hundreds of digits: only its own spelling is known.
        var own = _context.Regexes.Literal(text);
        return new(new(own, NumberSigns.None), new(_context.Regexes.Except(_context.Numbers.All.Plain, own), NumberSigns.None));
    }

    private void AddNumber(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var conditions = new List<NumberCondition>();
        AddBound("minimum", "exclusiveMinimum", _context.Numbers.AtLeast);
        AddBound("maximum", "exclusiveMaximum", _context.Numbers.AtMost);
        if (TryDecimal(at, keywords, "multipleOf", parts, out var divisor))
        {
            if (divisor.Sign <= 0 || _context.Numbers.MultipleOf(divisor) is not { } multiples)
            {
                _context.Report(at.Pointer, "multipleOf", "the divisor is not positive or has too many digits");
                parts.Add(Terms.Opaque);
            }
            else
            {
                conditions.Add(multiples);
            }
        }

        if (conditions.Count == 0)
        {
            return;
        }

        var numbers = _context.Numbers;
        parts.Add(Terms.Atom(
            new ValueForm(
                Terms.AllScalars with { Number = conditions.Select(c => c.Fulfilling).Aggregate(numbers.Both) },
                One(Terms.AnyArray),
                One(Terms.AnyObject)),
            () => Terms.NoScalars with { Number = conditions.Select(c => c.Breaking).Aggregate(numbers.Either) }));

        // In draft 4 the exclusive keywords are booleans that sharpen the bound beside them.
        void AddBound(string keyword, string exclusiveKeyword, Func<JsonDecimal, bool, NumberCondition> condition)
        {
            var exclusive = keywords.TryGet(exclusiveKeyword, out var flag) && flag.ValueKind == JsonValueKind.True;
            if (TryDecimal(at, keywords, keyword, parts, out var bound))
            {
                conditions.Add(condition(bound, exclusive));
            }

            if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Undefined)
                && TryDecimal(at, keywords, exclusiveKeyword, parts, out bound))
            {
                conditions.Add(condition(bound, true));
            }
        }
    }

    private bool TryDecimal(SchemaLocation at, KeywordSet keywords, string keyword, List<Term> parts, out JsonDecimal value)
    {
        value = default;
        if (!keywords.TryGet(keyword, out var element))
        {
            return false;
        }

        if (element.ValueKind == JsonValueKind.Number && JsonDecimal.TryParse(element.GetRawText(), out value))
        {
            return true;
        }

        Malformed(at, keyword, parts);
        return false;
    }

    private void AddText(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var set = _context.Regexes;
        var (fulfilling, breaking) = (new List<Regex>(), new List<Func<Regex>>());
        var min = Count(at, keywords, "minLength", parts) ?? 0;
        var max = Count(at, keywords, "maxLength", parts) ?? RegexSet.Unbounded;
        if (min > 0 || max < RegexSet.Unbounded)
        {
            Require(set.Repeat(_context.Text.One(CodePointSet.All), min, max));
        }

        if (TryString(at, keywords, "pattern", out var pattern))
        {
            TryRequire("pattern", () => Require(_context.Patterns.Search(pattern)));
        }

        if (TryString(at, keywords, "format", out var format))
        {
            if (StringFormats.Find(format) is { } known)
            {
                TryRequire("format", () => RequireFormat(known));
            }
            else
            {
                _context.Report(at.Pointer, "format", $"'{format}' is an annotation");
                parts.Add(Terms.Opaque);
            }
        }

        if (fulfilling.Count > 0)
        {
            parts.Add(Terms.Atom(
                new ValueForm(Terms.AllScalars with { Text = set.And([.. fulfilling]) }, One(Terms.AnyArray), One(Terms.AnyObject)),
                () => Terms.NoScalars with { Text = set.Or([.. breaking.Select(b => b())]) }));
        }

        void Require(Regex text)
        {
            fulfilling.Add(text);
            breaking.Add(() => _context.Text.Except(text));
        }

        void RequireFormat(StringFormat known)
        {
            fulfilling.Add(known.JsonContent(set));
            breaking.Add(() => _context.Text.Except(known.Widest is { } widest ? _context.Patterns.FullMatch(widest) : known.JsonContent(set)));
        }

        void TryRequire(string keyword, Action require)
        {
            try
            {
                require();
            }
            catch (PatternException e)
            {
                _context.Report(at.Pointer, keyword, e.Message);
                parts.Add(Terms.Opaque);
            }
        }
    }
}
