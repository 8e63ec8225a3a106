namespace Connector.Samples;

/// <summary>Ctrl+C: it cancels the answer in progress, and ends the program where there is none.</summary>
internal sealed class Interruption : IDisposable
{
    private CancellationTokenSource? _answer;

    public Interruption() => Console.CancelKeyPress += OnCancelKeyPress;

    /// <summary>Until the result is disposed, Ctrl+C cancels it.</summary>
    public CancellationTokenSource Begin()
    {
        var answer = new CancellationTokenSource();
        Volatile.Write(ref _answer, answer);
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose() => Console.CancelKeyPress -= OnCancelKeyPress;

    private void OnCancelKeyPress(object? sender, ConsoleCancelEventArgs e)
    {
        try
        {
            Volatile.Read(ref _answer)?.Cancel();
            e.Cancel = Volatile.Read(ref _answer) is not null;
        }
        catch (ObjectDisposedException)
        {
            // The answer is over: nothing to stop but the program.
            e.Cancel = false;
        }
    }
}
