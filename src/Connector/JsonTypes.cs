using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connector;

/// <summary>The JSON types this assembly reads and writes without reflection.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonTypes : JsonSerializerContext;
