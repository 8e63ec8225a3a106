using System.Text;
using Connector.Benchmarks.ToolCalling.Checks;
using Connector.Benchmarks.ToolCalling.Generated;

namespace Connector.Benchmarks.Tests.ToolCalling;

public sealed class RandomConversationsTests
{
    private const int Count = 300;

    [Fact]
    public void Every_right_call_fits_the_schema_of_an_offered_tool()
    {
        foreach (var conversation in RandomConversations.Make(Count, seed: 1))
        {
            var call = Assert.Single(conversation.Calls);
            var tool = Assert.Single(conversation.Tools, tool => tool.Name == call.Name);
            Assert.Null(SchemaValidator.Fault(tool.JsonSchema, call.Arguments, call.Name));
        }
    }

    [Fact]
    public void Tools_are_1_to_30_with_names_of_their_own_in_more_than_one_script()
    {
        var conversations = RandomConversations.Make(Count, seed: 1).ToArray();
        Assert.All(conversations, c => Assert.Equal(c.Tools.Count, c.Tools.Select(t => t.Name).Distinct(StringComparer.Ordinal).Count()));
        Assert.Equal(1, conversations.Min(c => c.Tools.Count));
        Assert.Equal(30, conversations.Max(c => c.Tools.Count));
        Assert.Contains(conversations, c => c.Tools.Any(t => !Ascii.IsValid(t.Name)));
    }

    [Fact]
    public void A_few_share_their_tools_and_call_what_they_like()
    {
        var groups = RandomConversations.Make(Count, seed: 1).Chunk(RandomConversations.GroupSize).ToArray();
        Assert.All(groups, group => Assert.Single(group.Select(c => string.Join(' ', c.Tools.Select(t => t.Name + t.JsonSchema))).Distinct()));
        Assert.Equal(groups.Length, groups.Select(group => string.Join(' ', group[0].Tools.Select(t => t.Name + t.JsonSchema))).Distinct().Count());
        Assert.Contains(groups, group => group.Select(c => c.Calls[0].Name).Distinct().Count() > 1);
    }

    [Fact]
    public void A_seed_decides_everything()
    {
        static string Text(int seed) => string.Join('\n', RandomConversations.Make(20, seed).Select(c =>
            $"{c.Messages[0].Text} {string.Join(' ', c.Tools.Select(t => t.Name + t.JsonSchema))} {c.Calls[0].Arguments}"));
        Assert.Equal(Text(1), Text(1));
        Assert.False(Text(1) == Text(2), "another seed, the same conversations");
    }
}
