using Connector.Decoding.Constraints;

namespace Connector.Decoding.Tests.Constraints;

public sealed class TokenMaskTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(TokenMask.MaxListLength)]
    [InlineData(TokenMask.MaxListLength + 1)]
    public void A_mask_contains_what_its_bits_say(int allowed)
    {
        var random = new Random(allowed);
        var bits = new uint[40];
        while (bits.Sum(w => System.Numerics.BitOperations.PopCount(w)) < allowed)
        {
            var token = random.Next(bits.Length * 32);
            bits[token / 32] |= 1u << (token % 32);
        }

        var mask = TokenMask.FromBits(bits);

        Assert.Equal(allowed, mask.Count);
        Assert.Equal(allowed <= TokenMask.MaxListLength, mask.IsSparse);
        for (var token = 0; token < bits.Length * 32; token++)
        {
            Assert.Equal((bits[token / 32] >> (token % 32) & 1) != 0, mask.Contains(token));
        }

        Assert.False(mask.Contains(bits.Length * 32));
    }

    [Fact]
    public void A_list_is_sorted_and_without_repeats() =>
        Assert.Equal([1, 4, 9], TokenMask.FromTokens(9, 1, 4, 1).Tokens.ToArray());
}
