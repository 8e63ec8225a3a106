using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Conversations;
using Microsoft.Extensions.AI;

namespace Connector.Benchmarks.ToolCalling.Generated;

/// <summary>
/// Conversations with random tools: 1 to 30 of them, names in several scripts, schemas of <see cref="RandomSchemas"/>, and a
/// right call. A few that follow one another share their tools, as those of one program do.
/// </summary>
internal static class RandomConversations
{
    /// <summary>How many conversations share their tools.</summary>
    public const int GroupSize = 4;

    private static readonly int[] s_toolCounts = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20, 30];
    private static readonly string[] s_verbs = ["get", "set", "find", "créer", "lösche", "検索", "обновить", "list", "book"];
    private static readonly string[] s_nouns = ["user", "weather", "Größe", "注文", "файл", "room", "señal", "invoice.item", "ticket-v2", "Ω"];

    /// <summary>Conversations, each a function of the seed and its place.</summary>
    public static IEnumerable<ToolConversation> Make(int count, int seed) =>
        Enumerable.Range(0, count).Select(index => Conversation(index, new Random(HashCode(seed, index / GroupSize)), new Random(HashCode(~seed, index))));

    private static ToolConversation Conversation(int index, Random ofTools, Random random)
    {
        var schemas = new RandomSchemas(ofTools);
        var names = schemas.Distinct([.. from verb in s_verbs from noun in s_nouns select $"{verb}_{noun}"], s_toolCounts[ofTools.Next(s_toolCounts.Length)]);
        var parameters = names.Select(name => (Name: name, Schema: schemas.Object())).ToArray();
        var (called, schema) = parameters[random.Next(parameters.Length)];
        var arguments = new RandomValues(random).Fitting(schema);
        return new ToolConversation(
            $"generated_{index}",
            "generated",
            [new ChatMessage(ChatRole.User, $"Please call {called} with values of your choice.")],
            [.. parameters.Select(p => AIFunctionFactory.CreateDeclaration(p.Name, $"Does {p.Name}.", CanonicalJson.Element(p.Schema)))],
            [new RightCall(called, CanonicalJson.Element(arguments))],
            IsValid: true);
    }

    /// <summary>Seeds of neighbouring conversations must not be neighbours; the same on every machine, unlike <see cref="System.HashCode"/>.</summary>
    private static int HashCode(int seed, int index) => unchecked((int)(((uint)seed * 2654435761u) ^ ((uint)index * 2246822519u)));
}
