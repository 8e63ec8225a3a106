using Connector.Decoding.Constraints.Lexing;
using Connector.Decoding.Constraints.Patterns;
using Connector.Decoding.Tests.Constraints.JsonSchema;
using Connector.TestSupport.JsonSchema;

namespace Connector.Decoding.Tests.Constraints.Patterns;

public sealed class StringFormatTests
{
    [Theory]
    [InlineData("date-time", new[] { "2024-02-29T23:59:59Z", "2023-01-31t00:00:00.123+05:30", "2016-12-31T23:59:60Z" }, new[] { "2023-02-29T00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2024-01-01" })]
    [InlineData("date", new[] { "2000-02-29", "1999-12-31" }, new[] { "1900-02-29", "2023-04-31", "2023-13-01", "23-01-01", "2023-1-1" })]
    [InlineData("time", new[] { "12:00:00Z", "00:00:00.5-23:59" }, new[] { "12:00Z", "12:00:00", "25:00:00Z" })]
    [InlineData("duration", new[] { "P1Y2M3DT4H5M6S", "P3W", "PT5S", "P1D" }, new[] { "P", "PT", "P1S", "1D", "P1YT", "P1W2D", "P1H" })]
    [InlineData("email", new[] { "a@b.c", "a.b+c@x-y.org", "\"a b\"@c", "a@[127.0.0.1]" }, new[] { "a", "@b", "a@", ".a@b", "a..b@c", "a@-b" })]
    [InlineData("idn-email", new[] { "a@b.c" }, new[] { "a" })]
    [InlineData("hostname", new[] { "a", "example.com", "xn--a.b-c" }, new[] { "", "-a", "a-", "a..b", "a_b", "a." })]
    [InlineData("ipv4", new[] { "0.0.0.0", "255.249.19.9" }, new[] { "256.0.0.0", "1.2.3", "01.2.3.4", "1.2.3.4.5" })]
    [InlineData("ipv6", new[] { "::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::8", "1:2:3:4:5:6:7::" }, new[] { ":", ":::", "1:2:3:4:5:6:7", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9" })]
    [InlineData("uuid", new[] { "123e4567-e89b-12d3-A456-426614174000" }, new[] { "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400" })]
    [InlineData("uri", new[] { "http://a.b/c?d=e#f", "urn:a:b", "mailto:a@b", "http://[::1]:80/", "a:" }, new[] { "/a", "a", "http://a b", "http://a/%zz", "" })]
    [InlineData("uri-reference", new[] { "", "/a", "a/b", "?q", "#f", "//h/p", "http://a" }, new[] { "a b", "\\", "%" })]
    [InlineData("json-pointer", new[] { "", "/", "/a/b~0~1" }, new[] { "a", "/~", "/~2" })]
    [InlineData("regex", new[] { "^a+(b|c)*?[x-z]{2,3}\\d$", "" }, new[] { "(", "a)", "[a", "*", "\\" })]
    public void A_format_has_what_the_standards_say(string format, string[] valid, string[] invalid)
    {
        var set = new RegexSet();
        var language = StringFormats.Find(format)!.JsonContent(set);
        Assert.All(valid, text => Assert.True(PatternTests.Matches(set, language, JsonText.Spell(text)), text));
        Assert.All(invalid, text => Assert.False(PatternTests.Matches(set, language, JsonText.Spell(text)), text));
        Assert.All(valid, text => Assert.True(SimpleFormats.IsValid(format, text), text));
    }

    [Fact]
    public void Every_format_writes_what_the_simple_check_accepts()
    {
        var random = new Random(5);
        foreach (var format in StringFormats.Names)
        {
            var constraint = SchemaTester.Compile($$"""{"type":"string","format":"{{format}}"}""");
            for (var i = 0; i < 25; i++)
            {
                if (SchemaPropertyTests.Walk(constraint, random, 120) is { } json)
                {
                    var text = System.Text.Json.JsonDocument.Parse(json).RootElement.GetString()!;
                    Assert.True(SimpleFormats.IsValid(format, text), $"{format}: {text}");
                }
            }
        }
    }
}
