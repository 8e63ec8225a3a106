using Connector.Decoding.Constraints.Lexing;

namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>Numbers by sign.</summary>
[Flags]
internal enum NumberSigns
{
    None = 0,
    Negative = 1,
    Zero = 2,
    Positive = 4,
    All = Negative | Zero | Positive,
}

/// <summary>
/// Spellings of JSON numbers. Those without exponent are told apart by value; of those with an exponent only the sign
/// is known, so a bound other than 0 leaves none of that sign. A condition therefore comes as two sets, the spellings
/// known to fulfil it and those known to break it: together they hold every spelling without exponent.
/// </summary>
/// <param name="Plain">Spellings without exponent.</param>
/// <param name="Exponents">The signs of the numbers that may be spelled with an exponent.</param>
internal readonly record struct NumberSet(Regex Plain, NumberSigns Exponents);

/// <summary>A condition on numbers: the spellings known to fulfil it, and those known to break it.</summary>
internal readonly record struct NumberCondition(NumberSet Fulfilling, NumberSet Breaking);
