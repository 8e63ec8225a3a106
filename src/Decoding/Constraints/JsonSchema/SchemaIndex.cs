using System.Text.Json;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The URIs and anchors that a document gives to its subschemas. Built on the first reference that needs it.</summary>
internal sealed class SchemaIndex
{
    private const int MaxDepth = 256;

    private readonly Dictionary<string, string> _pointers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _dynamic = new(StringComparer.Ordinal);
    private readonly string _idKeyword;

    /// <summary>Indexes a document.</summary>
    public SchemaIndex(JsonElement root, string idKeyword, Uri rootUri)
    {
        _idKeyword = idKeyword;
        _pointers[Key(rootUri, "")] = "";
        Walk(root, "", rootUri, 0);
    }

    /// <summary>The pointer of the schema with a URI, its fragment apart.</summary>
    public bool TryGetResource(Uri uri, out string pointer) => _pointers.TryGetValue(Key(uri, ""), out pointer!);

    /// <summary>The pointer of a named anchor in the resource of a URI.</summary>
    public bool TryGetAnchor(Uri uri, string anchor, out string pointer) => _pointers.TryGetValue(Key(uri, anchor), out pointer!);

    /// <summary>The pointer of the outermost dynamic anchor of a name: dynamic scopes start at the document's root.</summary>
    public bool TryGetDynamic(string anchor, out string pointer) => _dynamic.TryGetValue(anchor, out pointer!);

    /// <summary>The URI that a schema gives itself; null where it gives none, or only an anchor.</summary>
    public static Uri? TryId(JsonElement element, string keyword, Uri parent) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(keyword, out var id) && id.ValueKind == JsonValueKind.String
        && id.GetString() is [not '#', ..] text && Uri.TryCreate(parent, text, out var uri) ? uri : null;

    private static string Key(Uri uri, string fragment) => uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) + "#" + fragment;

    private void Walk(JsonElement element, string pointer, Uri resource, int depth)
    {
        if (depth > MaxDepth)
        {
            return;
        }

        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                Walk(item, $"{pointer}/{index++}", resource, depth + 1);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (TryId(element, _idKeyword, resource) is { } id)
            {
                resource = id;
                _pointers.TryAdd(Key(id, ""), pointer);
            }

            Names(element, pointer, resource);
            foreach (var member in element.EnumerateObject())
            {
                if (member.Name is not ("enum" or "const"))
                {
                    var step = member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                    Walk(member.Value, $"{pointer}/{step}", resource, depth + 1);
                }
            }
        }
    }

    private void Names(JsonElement element, string pointer, Uri resource)
    {
        foreach (var keyword in new[] { "$anchor", "$dynamicAnchor", _idKeyword })
        {
            if (element.TryGetProperty(keyword, out var name) && name.ValueKind == JsonValueKind.String
                && name.GetString() is { Length: > 0 } text && (text[0] == '#' || keyword != _idKeyword))
            {
                _pointers.TryAdd(Key(resource, text.TrimStart('#')), pointer);
                if (keyword == "$dynamicAnchor")
                {
                    _dynamic.TryAdd(text, pointer);
                }
            }
        }
    }
}
