namespace Connector.Decoding.Constraints.Lexing;

/// <content>Divisibility: as a plain expression its size grows exponentially with the divisor, as a node of its own not at all.</content>
internal sealed partial class RegexSet
{
    /// <summary>The largest divisor of <see cref="Multiples"/>.</summary>
    public const int MaxDivisor = 100_000_000;

    /// <summary>
    /// Strings of decimal digits whose number is divisible by <paramref name="divisor"/>, the empty string among them;
    /// points are read over.
    /// </summary>
    public Regex Multiples(int divisor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(divisor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(divisor, MaxDivisor);
        for (var digit = (byte)'0'; digit <= '9'; digit++)
        {
            // The classes of bytes come from the byte sets of the builder: each digit behaves on its own here.
            Bytes(ByteSet.Of(digit));
        }

        Bytes(ByteSet.Of((byte)'.'));
        return Multiple(divisor, 0);
    }

    private Regex DeriveMultiple(in RegexNode node, byte value) => value switch
    {
        (byte)'.' => Multiple(node.A, node.B),
        >= (byte)'0' and <= (byte)'9' => Multiple(node.A, ((node.B * 10) + (value - '0')) % node.A),
        _ => Nothing,
    };

    private Regex Multiple(int divisor, int remainder) =>
        Intern(new RegexNode(RegexKind.Multiple, divisor, remainder), nullable: remainder == 0);
}
