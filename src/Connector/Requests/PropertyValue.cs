using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>
/// One entry of <see cref="ChatOptions.AdditionalProperties"/>: a CLR value, or JSON where it
/// came through a serialiser. Reading it as the wrong type is an error that names it.
/// </summary>
internal sealed record PropertyValue(string Name, object Value)
{
    public float Float() => (float)Number();

    /// <summary>A whole number; a double without fraction is one.</summary>
    public int Int() => Whole() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Wrong("a 32-bit whole number");

    /// <summary>A whole number; a double without fraction is one.</summary>
    public long Whole()
    {
        switch (Value)
        {
            case JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetInt64(out var exact):
                return exact;
            case JsonNode node when node.GetValueKind() == JsonValueKind.Number:
                return (this with { Value = node.Deserialize(JsonTypes.Default.JsonElement) }).Whole();
            case byte or sbyte or short or ushort or int or uint or long:
                return Convert.ToInt64(Value, CultureInfo.InvariantCulture);
            default:
                var number = Number();
                return number == Math.Floor(number) && Math.Abs(number) < long.MaxValue ? (long)number : throw Wrong("a whole number");
        }
    }

    public double Number() => Value switch
    {
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or Half =>
            Value is Half half ? (double)half : Convert.ToDouble(Value, CultureInfo.InvariantCulture),
        JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
        // A node made of a CLR number gives that type only.
        JsonNode node when node.GetValueKind() == JsonValueKind.Number => (this with { Value = node.Deserialize(JsonTypes.Default.JsonElement) }).Number(),
        _ => throw Wrong("a number"),
    };

    public string Text() => Value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonNode node when node.GetValueKind() == JsonValueKind.String => node.GetValue<string>(),
        _ => throw Wrong("text"),
    };

    /// <summary>One text or several.</summary>
    public IReadOnlyList<string> Texts() => Value switch
    {
        IEnumerable<string> texts => [.. texts],
        JsonElement { ValueKind: JsonValueKind.Array } json => [.. json.EnumerateArray().Select(e => new PropertyValue(Name, e).Text())],
        JsonArray array => [.. array.Select(e => new PropertyValue(Name, e ?? throw Wrong("texts")).Text())],
        _ => [Text()],
    };

    public bool Flag() => Value switch
    {
        bool flag => flag,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } json => json.GetBoolean(),
        JsonNode node when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False => node.GetValue<bool>(),
        _ => throw Wrong("true or false"),
    };

    /// <summary>Token ids and numbers: a dictionary, an object keyed by id, or pairs; false stands for negative infinity.</summary>
    public IEnumerable<KeyValuePair<int, float>> Biases() => Value switch
    {
        IEnumerable<KeyValuePair<int, float>> pairs => pairs,
        IEnumerable<KeyValuePair<string, object?>> pairs => pairs.Select(p => Bias(p.Key, p.Value)),
        JsonElement { ValueKind: JsonValueKind.Object } json => json.EnumerateObject().Select(p => Bias(p.Name, p.Value)),
        JsonElement { ValueKind: JsonValueKind.Array } json => json.EnumerateArray().Select(BiasPair),
        JsonNode node => (this with { Value = node.Deserialize(JsonTypes.Default.JsonElement) }).Biases(),
        _ => throw Wrong("token ids with numbers"),
    };

    /// <summary>The members of a JSON object, or of a dictionary of JSON values, texts, numbers and flags.</summary>
    public IReadOnlyDictionary<string, JsonElement> Members() => Value switch
    {
        JsonElement { ValueKind: JsonValueKind.Object } json => json.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal),
        JsonObject node => (this with { Value = node.Deserialize(JsonTypes.Default.JsonElement) }).Members(),
        IEnumerable<KeyValuePair<string, object?>> pairs => pairs.ToDictionary(p => p.Key, p => Element(p.Key, p.Value), StringComparer.Ordinal),
        _ => throw Wrong("a JSON object"),
    };

    private JsonElement Element(string name, object? value) => value switch
    {
        JsonElement element => element,
        JsonNode node => node.Deserialize(JsonTypes.Default.JsonElement),
        _ when AIJsonUtilities.DefaultOptions.TryGetTypeInfo(value?.GetType() ?? typeof(object), out var type) => JsonSerializer.SerializeToElement(value, type),
        _ => throw new PropertyValue($"{Name}.{name}", value!).Wrong("a JSON value"),
    };

    private KeyValuePair<int, float> BiasPair(JsonElement pair) =>
        pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            ? Bias(pair[0].ToString(), pair[1])
            : throw Wrong("pairs of a token id and a number");

    private KeyValuePair<int, float> Bias(string token, object? value)
    {
        if (!int.TryParse(token, CultureInfo.InvariantCulture, out var id))
        {
            throw Wrong("token ids with numbers");
        }

        var bias = new PropertyValue($"{Name}[{id}]", value ?? throw Wrong("token ids with numbers"));
        return KeyValuePair.Create(id, value is false or JsonElement { ValueKind: JsonValueKind.False } ? float.NegativeInfinity : bias.Float());
    }

    private ArgumentException Wrong(string expected) =>
        new($"The additional property '{Name}' must be {expected}, but is '{Value}' ({Value.GetType().Name}).", Name);
}
