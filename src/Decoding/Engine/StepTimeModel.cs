namespace Connector.Decoding.Engine;

/// <summary>
/// How long one more prompt token makes a step: the slope of a line through recent (rows, milliseconds), least squares with exponential
/// forgetting. Only the size of prompt chunks depends on it. Not thread-safe.
/// </summary>
internal sealed class StepTimeModel
{
    private const double Memory = 0.95;
    private const int FirstChunk = 32;

    /// <summary>On a slow device a budget may allow less than one row; prompts must get on all the same.</summary>
    private const int SmallestChunk = 4;

    /// <summary>A step slower than this many times what its rows let expect was held up by something else.</summary>
    private const double Outlier = 8;

    private double _weight;
    private double _rows;
    private double _time;
    private double _rowsRows;
    private double _rowsTime;

    public void Observe(int rows, TimeSpan time)
    {
        var milliseconds = time.TotalMilliseconds;
        if (_weight > 0)
        {
            milliseconds = Math.Min(milliseconds, Outlier * (_time / _weight) * Math.Max(1, rows * _weight / _rows));
        }

        _weight = (_weight * Memory) + 1;
        _rows = (_rows * Memory) + rows;
        _time = (_time * Memory) + milliseconds;
        _rowsRows = (_rowsRows * Memory) + ((double)rows * rows);
        _rowsTime = (_rowsTime * Memory) + (rows * milliseconds);
    }

    /// <summary>Prompt tokens that lengthen a step by no more than a budget; at least four, so that prompts get on.</summary>
    public int RowsWithin(TimeSpan budget)
    {
        if (_weight == 0)
        {
            return FirstChunk;
        }

        // The share of a step that is not per row is unknown while all steps had the same size; then blame the rows for all of it.
        var perRow = _time / _rows;
        var variance = (_rowsRows * _weight) - (_rows * _rows);
        if (variance > 1e-3 * _rows * _rows)
        {
            var slope = ((_rowsTime * _weight) - (_rows * _time)) / variance;
            perRow = Math.Clamp(slope, perRow / 16, perRow * 4);
        }

        return perRow <= 0 ? FirstChunk : (int)Math.Clamp(budget.TotalMilliseconds / perRow, SmallestChunk, 1 << 20);
    }
}
