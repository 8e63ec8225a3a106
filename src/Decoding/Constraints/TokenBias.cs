namespace Connector.Decoding.Constraints;

/// <summary>A nudge towards one token, or away from it. The default is none.</summary>
/// <param name="Token">The token.</param>
/// <param name="Logits">What is added to its logit; 0: nothing.</param>
public readonly record struct TokenBias(int Token, float Logits);
