using System.Numerics;

namespace Connector.Decoding.Constraints.Grammars;

/// <summary>A symbol of the <see cref="Grammar"/> that made it: a lexeme, a set of control tokens, or a rule.</summary>
internal readonly record struct Symbol(int Id);

/// <summary>What a symbol is.</summary>
internal enum SymbolKind : byte
{
    /// <summary>Bytes of a regular language.</summary>
    Lexeme,

    /// <summary>One token of a set, which stands for itself and not for bytes.</summary>
    Tokens,

    /// <summary>A rule, with what becomes of the parameter on the way into it.</summary>
    Rule,
}

/// <summary>
/// What a call does to the parameter of the calling rule to obtain that of the called one:
/// <c>((value &amp; Keep) | Set)</c>, then <see cref="Add"/> to the field <see cref="Field"/>, which stops at
/// <see cref="Cap"/>. The default is the parameter 0.
/// </summary>
/// <param name="Keep">The bits of the caller's parameter that stay.</param>
/// <param name="Set">The bits that become set.</param>
/// <param name="Add">What is added to the field.</param>
/// <param name="Field">The field that counts.</param>
/// <param name="Cap">Where the field stops counting; 0 for its full width.</param>
internal readonly record struct ParameterChange(ulong Keep = 0, ulong Set = 0, uint Add = 0, ParameterField Field = default, ulong Cap = 0)
{
    /// <summary>The called rule has the caller's parameter.</summary>
    public static ParameterChange Same => new(ulong.MaxValue);

    /// <summary>The called rule has this parameter.</summary>
    public static ParameterChange To(ulong value) => new(0, value);

    /// <summary>The caller's parameter with bits set.</summary>
    public static ParameterChange SetBits(ulong bits) => new(ulong.MaxValue, bits);

    /// <summary>The caller's parameter with one more in a field, which stops at <paramref name="cap"/> (0: at its width).</summary>
    public static ParameterChange Count(ParameterField field, ulong cap = 0) => new(ulong.MaxValue, 0, 1, field, cap);

    /// <summary>The parameter of the called rule.</summary>
    public ulong Apply(ulong value)
    {
        value = (value & Keep) | Set;
        if (Add == 0)
        {
            return value;
        }

        var cap = Cap == 0 ? Field.Max : Math.Min(Cap, Field.Max);
        return Field.Write(value, Math.Min(Field.Read(value) + Add, cap));
    }
}

/// <summary>Some bits of a parameter that hold a number.</summary>
/// <param name="Shift">The lowest bit.</param>
/// <param name="Width">How many bits, at most 63; 0 reads as 0.</param>
internal readonly record struct ParameterField(int Shift, int Width)
{
    /// <summary>The largest number that fits.</summary>
    public ulong Max => (1UL << Width) - 1;

    /// <summary>The number in <paramref name="value"/>.</summary>
    public ulong Read(ulong value) => value >> Shift & Max;

    /// <summary><paramref name="value"/> with another number in the field.</summary>
    public ulong Write(ulong value, ulong number) => (value & ~(Max << Shift)) | (number << Shift);
}

/// <summary>
/// When an alternative of a rule applies: <c>(parameter &amp; Mask) == Value</c>, and the two fields lie within their
/// bounds, and the bits of Needed that the parameter lacks together with the first field are at most Room. The default
/// always applies.
/// </summary>
internal readonly record struct Guard(
    ulong Mask = 0,
    ulong Value = 0,
    ParameterField Field = default,
    ulong AtLeast = 0,
    ulong AtMost = ulong.MaxValue,
    ParameterField Field2 = default,
    ulong AtLeast2 = 0,
    ulong AtMost2 = ulong.MaxValue,
    ulong Needed = 0,
    ulong Room = ulong.MaxValue)
{
    /// <summary>Always applies.</summary>
    public static Guard Always => new(0);

    /// <summary>A field lies within bounds, both included.</summary>
    public static Guard Within(ParameterField field, ulong atLeast, ulong atMost = ulong.MaxValue) => new(0, 0, field, atLeast, atMost);

    /// <summary>Whether the guard allows a parameter.</summary>
    public bool Allows(ulong parameter)
    {
        var (first, second) = (Field.Read(parameter), Field2.Read(parameter));
        var missing = (ulong)BitOperations.PopCount(Needed & ~parameter);
        return (parameter & Mask) == Value && first + missing <= Room && first >= AtLeast && first <= AtMost && second >= AtLeast2 && second <= AtMost2;
    }
}
