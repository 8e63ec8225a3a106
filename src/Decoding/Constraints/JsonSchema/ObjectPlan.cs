using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>A named property as it is written.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">Its values, at least one.</param>
/// <param name="Meets">For each demand the values that also meet it; <see cref="Term.False"/> where none does.</param>
internal sealed record PlannedProperty(string Name, Term Value, Term[] Meets);

/// <summary>Other keys as they are written: none of them a name.</summary>
internal sealed record PlannedClass(Regex Keys, Term Value, Term[] Meets);

/// <summary>An object shape made ready for lowering: what cannot appear is gone, what is implied is dropped.</summary>
internal sealed record ObjectPlan(
    IReadOnlyList<PlannedProperty> Properties,
    IReadOnlyList<PlannedClass> Others,
    Presence Presence,
    int Demands,
    int Min,
    int Max)
{
    /// <summary>The most members with other keys, and if bounded, they come after all that must be present. Default: no bound.</summary>
    public int MaxOthers { get; init; } = int.MaxValue;

    /// <summary>Prepares a shape; null where no object is of it.</summary>
    public static ObjectPlan? Of(ObjectShape shape, SchemaTerms terms, SchemaContext context)
    {
        var formulas = context.Presence;
        var set = context.Regexes;
        var presence = shape.Presence;
        var implied = formulas.Names(presence).Except(shape.Properties.Select(p => p.Name), StringComparer.Ordinal).ToList();
        List<ShapeProperty> named = [.. shape.Properties, .. implied.Select(n => terms.Property(shape, n))];
        var properties = new List<PlannedProperty>();
        foreach (var (name, value, _) in named)
        {
            if (terms.IsEmpty(value))
            {
                presence = formulas.Given(presence, name, present: false);
                continue;
            }

            properties.Add(new PlannedProperty(name, value, [.. shape.Demands.Select(d => context.Matches(d.Keys, name) ? terms.And(value, d.Value) : Term.False)]));
        }

        var names = set.Or([.. named.Select(p => context.Text.Literal(p.Name))]);
        var others = new List<PlannedClass>();
        foreach (var (keys, value, _) in shape.Others)
        {
            var free = names == set.Nothing ? keys : set.Except(keys, names);
            if (terms.IsEmpty(value) || context.IsEmpty(free))
            {
                continue;
            }

            Split(free, value, 0, new Term[shape.Demands.Length]);
        }

        // A class of which only some keys can meet a demand becomes two.
        void Split(Regex keys, Term value, int demand, Term[] meets)
        {
            if (demand == shape.Demands.Length)
            {
                others.Add(new PlannedClass(keys, value, [.. meets]));
                return;
            }

            var (inside, outside) = (set.And(keys, shape.Demands[demand].Keys), set.Except(keys, shape.Demands[demand].Keys));
            if (!context.IsEmpty(inside))
            {
                meets[demand] = terms.And(value, shape.Demands[demand].Value);
                Split(inside, value, demand + 1, meets);
            }

            if (!context.IsEmpty(outside))
            {
                meets[demand] = Term.False;
                Split(outside, value, demand + 1, meets);
            }
        }

        var required = properties.Count(p => formulas.Requires(presence, p.Name));
        var most = others.Count == 0 ? properties.Count : int.MaxValue;
        var min = shape.Min <= required ? 0 : shape.Min;
        var max = shape.Max >= most ? int.MaxValue : shape.Max;
        return presence == PresenceFormulas.False || min > most || max < required
            ? null
            : new ObjectPlan(properties, others, presence, shape.Demands.Length, min, max);
    }
}
