namespace Connector.Decoding.Tests.Engine;

/// <summary>A model that always says the same and allocates nothing: what is left to measure is the engine.</summary>
internal sealed class QuietModel : ILanguageModel, IModelContext
{
    private readonly float[] _logits = new float[256];
    private int _rows;

    public List<int> BatchSizes { get; } = new(10_000);

    /// <summary>Called with the rows of each evaluation: moves a clock.</summary>
    public Action<int>? Evaluating { get; set; }

    public string Name => "quiet";

    public int TrainedContextLength => 8192;

    public Vocabulary Vocabulary { get; } = new([.. Enumerable.Range(0, 256).Select(t => new VocabularyToken(new[] { (byte)t }, t.ToString(System.Globalization.CultureInfo.InvariantCulture), TokenKinds.None))], new NoTokenizer());

    public int Capacity => 65536;

    public int MaxSequences => 64;

    public int MaxBatchTokens => 512;

    public int MaxOutputs => 64;

    public MemoryCapabilities Memory => MemoryCapabilities.All;

    public IModelContext CreateContext(ContextOptions options) => this;

    public void Evaluate(TokenBatch batch, CancellationToken cancellationToken = default)
    {
        _rows = batch.Count;
        BatchSizes.Add(_rows);
        Evaluating?.Invoke(_rows);
    }

    public Span<float> Logits(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_rows, nameof(row));
        for (var i = 0; i < _logits.Length; i++)
        {
            _logits[i] = i % 7;
        }

        return _logits;
    }

    public ReadOnlySpan<float> Hidden(int row) => default;

    public void CopySequence(int source, int target, int start = 0, int end = -1)
    {
    }

    public bool Truncate(int sequence, int start, int end = -1) => true;

    public void ShiftPositions(int sequence, int start, int end, int delta)
    {
    }

    public void SaveSequence(int sequence, Stream target)
    {
    }

    public void LoadSequence(int sequence, Stream source)
    {
    }

    public void Dispose()
    {
    }

    private sealed class NoTokenizer : ITokenizer
    {
        public int[] Tokenize(string text, bool parseSpecial) => [];
    }
}
