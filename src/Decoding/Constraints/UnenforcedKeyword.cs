namespace Connector.Decoding.Constraints;

/// <summary>Something that a constraint asks for and the compiled constraint does not check.</summary>
/// <param name="Path">Where it stands, as a JSON pointer into the schema.</param>
/// <param name="Keyword">The keyword.</param>
/// <param name="Reason">Why it is not enforced.</param>
public sealed record UnenforcedKeyword(string Path, string Keyword, string Reason);
