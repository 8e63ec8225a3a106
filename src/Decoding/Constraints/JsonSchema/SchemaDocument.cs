using System.Text.Json;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>A schema and where it stands.</summary>
/// <param name="Element">The schema.</param>
/// <param name="Pointer">Its JSON pointer from the root, also its identity.</param>
/// <param name="Resource">The JSON pointer of the nearest schema above, or itself, that has its own URI.</param>
internal sealed record SchemaLocation(JsonElement Element, string Pointer, string Resource);

/// <summary>A schema text: finds subschemas and the targets of references. Not thread-safe.</summary>
internal sealed class SchemaDocument
{
    private static readonly Uri DefaultBase = new("schema://document/");

    private readonly Dictionary<string, SchemaLocation> _locations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Uri> _bases = new(StringComparer.Ordinal);
    private SchemaIndex? _index;

    /// <summary>Wraps a schema.</summary>
    public SchemaDocument(JsonElement root)
    {
        Dialect = SchemaDialects.Of(root);
        Root = new SchemaLocation(root, "", "");
        _locations[""] = Root;
        _bases[""] = TryId(root, DefaultBase) ?? DefaultBase;
    }

    /// <summary>The draft it is written in.</summary>
    public SchemaDialect Dialect { get; }

    /// <summary>The whole schema.</summary>
    public SchemaLocation Root { get; }

    /// <summary>The schema below <paramref name="parent"/> by the given steps.</summary>
    public SchemaLocation Child(SchemaLocation parent, JsonElement element, params ReadOnlySpan<string> steps)
    {
        var pointer = parent.Pointer;
        foreach (var step in steps)
        {
            pointer += "/" + step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        }

        return Locate(element, pointer, parent.Resource);
    }

    /// <summary>The schema that a reference names.</summary>
    /// <exception cref="UnsupportedSchemaException">It names nothing in this document.</exception>
    public SchemaLocation Resolve(SchemaLocation from, string keyword, string reference)
    {
        var found = reference.StartsWith('#') && (reference.Length == 1 || reference[1] == '/')
            ? At(from.Resource, reference[1..]) ?? At("", reference[1..])
            : ByUri(from, keyword, reference);
        return found ?? throw new UnsupportedSchemaException(from.Pointer, keyword, $"'{reference}' names nothing in this document");
    }

    private SchemaLocation? ByUri(SchemaLocation from, string keyword, string reference)
    {
        _index ??= new SchemaIndex(Root.Element, Dialect.IdKeyword(), _bases[""]);
        if (!Uri.TryCreate(_bases[from.Resource], reference, out var uri))
        {
            throw new UnsupportedSchemaException(from.Pointer, keyword, $"'{reference}' is not a URI reference");
        }

        var fragment = Uri.UnescapeDataString(uri.Fragment.TrimStart('#'));
        if (keyword == "$dynamicRef" && _index.TryGetDynamic(fragment, out var outermost))
        {
            return At(outermost, "");
        }

        return fragment.Length == 0 || fragment[0] == '/'
            ? _index.TryGetResource(uri, out var resource) ? At(resource, fragment) : null
            : _index.TryGetAnchor(uri, fragment, out var pointer) ? At(pointer, "") : null;
    }

    /// <summary>The schema at a JSON pointer (percent-encoded as in a URI fragment) below another's pointer; null where there is none.</summary>
    private SchemaLocation? At(string start, string pointer)
    {
        if (!_locations.TryGetValue(start, out var found))
        {
            found = At("", start);
        }

        if (found is null || pointer.Length == 0)
        {
            return found;
        }

        var whole = found.Pointer + Uri.UnescapeDataString(pointer);
        if (_locations.TryGetValue(whole, out var known))
        {
            return known;
        }

        var (element, path, resource) = (found.Element, found.Pointer, found.Resource);
        foreach (var raw in Uri.UnescapeDataString(pointer[1..]).Split('/'))
        {
            if (JsonPointers.Step(element, raw) is not { } next)
            {
                return null;
            }

            path += "/" + raw;
            (element, resource) = (next, Locate(next, path, resource).Resource);
        }

        return _locations[path];
    }

    private SchemaLocation Locate(JsonElement element, string pointer, string resource)
    {
        if (_locations.TryGetValue(pointer, out var known))
        {
            return known;
        }

        if (TryId(element, _bases[resource]) is { } id)
        {
            resource = pointer;
            _bases[pointer] = id;
        }

        return _locations[pointer] = new SchemaLocation(element, pointer, resource);
    }

    private Uri? TryId(JsonElement element, Uri parent) => SchemaIndex.TryId(element, Dialect.IdKeyword(), parent);
}
