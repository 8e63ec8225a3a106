namespace Connector.Decoding.Constraints.JsonSchema;

/// <summary>The work that compiling a schema may cost. Spent in small steps everywhere; a hostile schema runs dry.</summary>
internal sealed class SchemaFuel(int amount)
{
    private int _spent;

    /// <summary>The steps spent.</summary>
    public int Spent => _spent;

    /// <summary>Spends some steps.</summary>
    /// <exception cref="ConstraintTooComplexException">None are left.</exception>
    public void Spend(int steps = 1)
    {
        _spent += steps;
        if (_spent > amount)
        {
            throw new ConstraintTooComplexException(
                $"The schema takes more than {amount} steps to compile; {nameof(JsonSchemaOptions)}.{nameof(JsonSchemaOptions.Fuel)} sets the limit.");
        }
    }
}
