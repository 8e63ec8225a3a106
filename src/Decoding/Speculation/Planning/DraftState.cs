namespace Connector.Decoding.Speculation;

/// <summary>What speculation keeps for a request. Reused by later requests of the same slot. Not thread-safe.</summary>
internal sealed class DraftState
{
    /// <summary>Makes the state of a slot.</summary>
    public DraftState(int slot) => Slot = slot;

    /// <summary>Identifies the request to the sources.</summary>
    public int Slot { get; }

    /// <summary>The request that has the slot.</summary>
    public DraftSequence Sequence { get; set; } = null!;

    /// <summary>The request's constraint on paths that are only guessed; null where it has none.</summary>
    public DraftedConstraint? Constraint { get; set; }

    /// <summary>Whether the request is not drafted any more, as its constraint has thrown.</summary>
    public bool HasGivenUp => Constraint is { HasFailed: true };

    /// <summary>How many tokens of the history the sources have seen.</summary>
    public int Seen { get; set; }

    /// <summary>The last tokens of the history when the tree was planted, the root's last.</summary>
    public int[] Context { get; } = new int[OccurrenceIndex.MaxMatch];

    /// <summary>How many of <see cref="Context"/> count.</summary>
    public int ContextLength { get; set; }

    /// <summary>The place of the root in this step; −1 where none was planted.</summary>
    public int Root { get; set; } = -1;

    /// <summary>The noise position of the root's children.</summary>
    public int FirstPosition { get; set; }

    /// <summary>Leaves of the tree, a bare root not counted.</summary>
    public int Leaves { get; set; }

    /// <summary>The source that was surest of a node, per node of the tree.</summary>
    public byte[] NodeLeads { get; } = new byte[DraftPlace.MaxPlaces];

    /// <summary>The node that the draft model read last in this step; −1: none.</summary>
    public int Head { get; set; } = -1;

    /// <summary>The node that the draft model is to read next; −1: none.</summary>
    public int Pending { get; set; } = -1;

    /// <summary>The guess that <see cref="Pending"/> came from.</summary>
    public int PendingGuess { get; set; }

    /// <summary>The likeliest next tokens of each evaluated node.</summary>
    public int[] Next { get; } = new int[DraftPlace.MaxPlaces * TokenRecycling.Width];

    /// <summary>Their probabilities, relative to each other.</summary>
    public float[] NextProbabilities { get; } = new float[DraftPlace.MaxPlaces * TokenRecycling.Width];

    /// <summary>Nodes whose logits were seen in this step, from the root on.</summary>
    public int Evaluated { get; set; }
}
