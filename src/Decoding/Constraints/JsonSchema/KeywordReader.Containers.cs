using System.Collections.Immutable;
using System.Text.Json;
using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <content>Arrays and objects.</content>
internal sealed partial class KeywordReader
{
    private const int MaxKeyClasses = 100;

    private void AddArray(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var prefix = Children(at, keywords, "prefixItems");
        var rest = Term.True;
        var evaluated = prefix.Count;
        if (keywords.TryGet("items", out var items))
        {
            if (items.ValueKind == JsonValueKind.Array)
            {
                prefix = Children(at, keywords, "items");
                rest = ChildOrTrue(at, keywords, "additionalItems");
                evaluated = keywords.TryGet("additionalItems", out _) ? int.MaxValue : prefix.Count;
            }
            else
            {
                rest = Terms.At(_document.Child(at, items, "items"));
                evaluated = int.MaxValue;
            }
        }

        var min = Count(at, keywords, "minItems", parts) ?? 0;
        var max = Count(at, keywords, "maxItems", parts) ?? int.MaxValue;
        var unique = keywords.TryGet("uniqueItems", out var flag) && flag.ValueKind == JsonValueKind.True;
        ImmutableArray<ItemDemand> demands = [];
        if (keywords.TryGet("contains", out var contains))
        {
            var least = Count(at, keywords, "minContains", parts) ?? 1;
            var most = Count(at, keywords, "maxContains", parts) ?? int.MaxValue;
            demands = [new ItemDemand(Terms.At(_document.Child(at, contains, "contains")), 0, least, most)];
        }

        if (prefix.Count == 0 && rest == Term.True && min == 0 && max == int.MaxValue && !unique && demands.IsEmpty && evaluated == 0)
        {
            return;
        }

        ImmutableArray<ArrayShape> shapes = min > max ? [] :
        [
            new ArrayShape
            {
                Prefix = [.. prefix],
                Rest = rest,
                Evaluated = evaluated,
                Min = min,
                Max = max,
                Demands = demands,
                UniqueAt = unique ? at.Pointer : null,
            },
        ];
        parts.Add(Terms.Atom(new ValueForm(Terms.AllScalars, shapes, One(Terms.AnyObject)), () => Terms.NoScalars));
    }

    private void AddObject(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var presence = Required(at, keywords, parts);
        presence = _context.Presence.And(presence, Dependencies(at, keywords, parts));
        var min = Count(at, keywords, "minProperties", parts) ?? 0;
        var max = Count(at, keywords, "maxProperties", parts) ?? int.MaxValue;
        var classes = KeyClasses(at, keywords, parts);
        var names = Names(at, keywords);
        var properties = ImmutableArray.CreateBuilder<ShapeProperty>();
        if (keywords.TryGet("properties", out var declared))
        {
            if (declared.ValueKind != JsonValueKind.Object)
            {
                Malformed(at, "properties", parts);
            }
            else
            {
                foreach (var member in declared.EnumerateObject())
                {
                    var value = Terms.At(_document.Child(at, member.Value, "properties", member.Name));
                    foreach (var (keys, matched) in classes.Patterns)
                    {
                        value = _context.Matches(keys, member.Name) ? Terms.And(value, matched) : value;
                    }

                    value = names is { } allowed && !_context.Matches(allowed, member.Name) ? Term.False : value;
                    presence = value == Term.False ? _context.Presence.And(presence, _context.Presence.Lacks(member.Name)) : presence;
                    properties.Add(new ShapeProperty(member.Name, value, Evaluated: true));
                }
            }
        }

        var others = classes.Classes;
        if (names is { } some)
        {
            others = [.. others.Select(o => o with { Keys = _context.Regexes.And(o.Keys, some) }).Where(o => !_context.IsEmpty(o.Keys))];
        }

        var unchanged = properties.Count == 0 && presence == PresenceFormulas.True && min == 0 && max == int.MaxValue
            && others.SequenceEqual(Terms.AnyObject.Others);
        if (!unchanged)
        {
            var shape = new ObjectShape { Properties = properties.ToImmutable(), Others = others, Presence = presence, Min = min, Max = max };
            parts.Add(Terms.Atom(
                new ValueForm(Terms.AllScalars, One(Terms.AnyArray), min > max || presence == PresenceFormulas.False ? [] : [shape]),
                () => Terms.NoScalars));
        }
    }

    private Presence Required(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        if (!keywords.TryGet("required", out var required))
        {
            return PresenceFormulas.True;
        }

        if (NamesIn(required) is { } names)
        {
            return Has(names);
        }

        Malformed(at, "required", parts);
        return PresenceFormulas.True;
    }

    private Presence Has(List<string> names) =>
        names.Aggregate(PresenceFormulas.True, (all, name) => _context.Presence.And(all, _context.Presence.Has(name)));

    private static List<string>? NamesIn(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(n => n.GetString()!)]
            : null;

    // "dependencies" of the drafts up to 7 became dependentRequired and dependentSchemas; all are read in every draft.
    private Presence Dependencies(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var formulas = _context.Presence;
        var presence = PresenceFormulas.True;
        foreach (var keyword in new[] { "dependencies", "dependentRequired", "dependentSchemas" })
        {
            if (!keywords.TryGet(keyword, out var dependencies))
            {
                continue;
            }

            if (dependencies.ValueKind != JsonValueKind.Object)
            {
                Malformed(at, keyword, parts);
                continue;
            }

            foreach (var member in dependencies.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Array && NamesIn(member.Value) is { } names)
                {
                    presence = formulas.And(presence, formulas.Or(formulas.Lacks(member.Name), Has(names)));
                }
                else if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)
                {
                    var lacking = new ObjectShape { Others = Terms.AnyObject.Others, Presence = formulas.Lacks(member.Name) };
                    var schema = Terms.At(_document.Child(at, member.Value, keyword, member.Name));
                    if (Terms.TracksEvaluation)
                    {
                        // What the schema looks at in objects without the member, where it need not hold, stays unevaluated.
                        var having = new ObjectShape { Others = Terms.AnyObject.Others, Presence = formulas.Has(member.Name) };
                        schema = Terms.And(Terms.Atom(new ValueForm(Terms.NoScalars, [], One(having)), () => Terms.AllScalars), schema);
                    }

                    parts.Add(Terms.Or(
                        new KeywordOrigin(at.Pointer, keyword),
                        Terms.Atom(new ValueForm(Terms.AllScalars, One(Terms.AnyArray), One(lacking)), () => Terms.NoScalars),
                        schema));
                }
                else
                {
                    Malformed(at, keyword, parts);
                }
            }
        }

        return presence;
    }

    private Regex? Names(SchemaLocation at, KeywordSet keywords) =>
        keywords.TryGet("propertyNames", out var names)
            ? Terms.Scalars(Terms.At(_document.Child(at, names, "propertyNames"))).Text
            : null;

    private (ImmutableArray<KeyClass> Classes, List<(Regex Keys, Term Value)> Patterns) KeyClasses(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var patterns = Patterns(at, keywords, parts);
        var additional = ChildOrTrue(at, keywords, "additionalProperties");
        var evaluated = keywords.TryGet("additionalProperties", out var element);
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            additional = element.ValueKind == JsonValueKind.True ? Term.True : Term.False;
        }

        // Each pattern splits the classes so far into the keys that match it and those that do not.
        var set = _context.Regexes;
        var classes = new List<(Regex Keys, Term Value, bool Matched)> { (_context.Keys, additional, false) };
        foreach (var (keys, value) in patterns)
        {
            var next = new List<(Regex Keys, Term Value, bool Matched)>();
            foreach (var old in classes)
            {
                _context.Fuel.Spend(4);
                next.Add((old.Keys == _context.Keys ? keys : set.And(old.Keys, keys), old.Matched ? Terms.And(old.Value, value) : value, true));
                next.Add((set.Except(old.Keys, keys), old.Value, old.Matched));
            }

            classes = [.. next.Where(c => !_context.IsEmpty(c.Keys))];
            if (classes.Count > MaxKeyClasses)
            {
                throw new UnsupportedSchemaException(at.Pointer, "patternProperties", $"its patterns overlap in more than {MaxKeyClasses} ways");
            }
        }

        return ([.. classes.Where(c => c.Value != Term.False).Select(c => new KeyClass(c.Keys, c.Value, c.Matched || evaluated))], patterns);
    }

    private List<(Regex Keys, Term Value)> Patterns(SchemaLocation at, KeywordSet keywords, List<Term> parts)
    {
        var patterns = new List<(Regex Keys, Term Value)>();
        if (!keywords.TryGet("patternProperties", out var members))
        {
            return patterns;
        }

        if (members.ValueKind != JsonValueKind.Object)
        {
            Malformed(at, "patternProperties", parts);
            return patterns;
        }

        foreach (var member in members.EnumerateObject())
        {
            try
            {
                patterns.Add((_context.Patterns.Search(member.Name), Terms.At(_document.Child(at, member.Value, "patternProperties", member.Name))));
            }
            catch (PatternException e)
            {
                throw new UnsupportedSchemaException(at.Pointer, "patternProperties", e.Message);
            }
        }

        return patterns;
    }
}
