namespace Connector.Decoding.Engine;

/// <summary>
/// How much longer prompt tokens make a step in which answers go on: what such steps took beyond those without prompts, per prompt token. A
/// token costs more the longer its context is, so only the last few steps count. Only the size of prompt chunks depends on it. Not thread-safe.
/// </summary>
internal sealed class StepTimeModel
{
    private const double Memory = 0.7;
    private const int FirstChunk = 32;

    /// <summary>What took more times the average was held up by something else.</summary>
    private const double Outlier = 4;

    private double? _withoutPrompts;
    private double? _perRow;
    private bool _hasShared;

    /// <summary>Learns from a step.</summary>
    /// <param name="promptRows">Its prompt tokens.</param>
    /// <param name="answers">The answers that went on in it.</param>
    /// <param name="time">What the model's call took.</param>
    public void Observe(int promptRows, int answers, TimeSpan time)
    {
        var milliseconds = time.TotalMilliseconds;
        if (promptRows == 0)
        {
            _withoutPrompts = Mix(_withoutPrompts, milliseconds);
        }
        else if (answers > 0)
        {
            _perRow = Mix(_perRow, Math.Max(0, milliseconds - (_withoutPrompts ?? 0)) / promptRows);
            _hasShared = true;
        }
        else if (!_hasShared)
        {
            // Rows of large batches are cheaper; until better is known they are the first guess.
            _perRow = Mix(_perRow, milliseconds / promptRows);
        }
    }

    /// <summary>Prompt tokens that lengthen a step by no more than a budget; at least one, so that prompts get on.</summary>
    public int RowsWithin(TimeSpan budget) =>
        _perRow is null ? FirstChunk
        : _perRow <= 0 ? int.MaxValue
        : (int)Math.Clamp(budget.TotalMilliseconds / _perRow.Value, 1, int.MaxValue);

    private static double Mix(double? average, double value) =>
        average is not { } before ? value
        : before <= 0 ? (1 - Memory) * value
        : (Memory * before) + ((1 - Memory) * Math.Min(value, Outlier * before));
}
