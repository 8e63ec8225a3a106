namespace Connector.Templates.Jinja;

/// <summary>What went wrong while a template ran, without the place: the evaluator knows that and adds it.</summary>
internal sealed class JinjaException : Exception
{
    public JinjaException(string message)
        : base(message)
    {
    }
}
