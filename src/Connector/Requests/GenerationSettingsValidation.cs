namespace Connector;

/// <summary>The ranges of <see cref="GenerationSettings"/>.</summary>
internal static class GenerationSettingsValidation
{
    /// <summary>Returns the settings, or says everything that is wrong with them in one message.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public static GenerationSettings Validated(this GenerationSettings settings)
    {
        string[] faults = [.. Faults(settings)];
        return faults.Length == 0
            ? settings
            : throw new ArgumentException("These generation settings cannot be used: " + string.Join(" ", faults), nameof(settings));
    }

    /// <summary>A sentence for each value outside its range.</summary>
    public static IEnumerable<string> Faults(GenerationSettings s)
    {
        return new[]
        {
            Unless(s.Temperature is null or (>= 0 and < float.PositiveInfinity), nameof(s.Temperature), "0 (greedy) or above", s.Temperature),
            Unless(s.TopK is null or >= 0, nameof(s.TopK), "0 (off) or above", s.TopK),
            Unless(s.TopP is null or (> 0 and <= 1), nameof(s.TopP), "above 0 and at most 1 (off)", s.TopP),
            Unless(s.MinP is null or (>= 0 and <= 1), nameof(s.MinP), "from 0 (off) to 1", s.MinP),
            Unless(s.TypicalP is null or (> 0 and <= 1), nameof(s.TypicalP), "above 0 and at most 1 (off)", s.TypicalP),
            Unless(IsFinite(s.FrequencyPenalty), nameof(s.FrequencyPenalty), "a finite number", s.FrequencyPenalty),
            Unless(IsFinite(s.PresencePenalty), nameof(s.PresencePenalty), "a finite number", s.PresencePenalty),
            Unless(s.RepetitionPenalty is null or (> 0 and < float.PositiveInfinity), nameof(s.RepetitionPenalty), "above 0 (1 is off)", s.RepetitionPenalty),
            Unless(s.RepetitionWindow is null or >= 0, nameof(s.RepetitionWindow), "0 or above", s.RepetitionWindow),
            Unless(s.DryMultiplier is null or (>= 0 and < float.PositiveInfinity), nameof(s.DryMultiplier), "0 (off) or above", s.DryMultiplier),
            Unless(s.DryBase is null or (>= 1 and < float.PositiveInfinity), nameof(s.DryBase), "1 or above", s.DryBase),
            Unless(s.DryAllowedLength is null or >= 1, nameof(s.DryAllowedLength), "1 or above", s.DryAllowedLength),
            Unless(s.LogitBias?.Values.Any(float.IsNaN) is not true, nameof(s.LogitBias), "numbers", float.NaN),
            Unless(s.MaxOutputTokens is null or >= 1, nameof(s.MaxOutputTokens), "1 or above", s.MaxOutputTokens),
            Unless(s.StopSequences?.Any(string.IsNullOrEmpty) is not true, nameof(s.StopSequences), "texts of at least one character", ""),
        }.OfType<string>();
    }

    private static bool IsFinite(float? value) => value is null || float.IsFinite(value.Value);

    private static string? Unless(bool valid, string name, string range, object? value) => valid
        ? null
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} must be {range}, but is '{value}'.");
}
