namespace Connector.Templates.Jinja;

/// <summary>The tokens of a template, read one after the other.</summary>
internal sealed class TokenStream(TemplateSource source)
{
    private readonly List<TemplateToken> _tokens = TemplateLexer.Tokenize(source);
    private int _index;

    public TemplateToken Current => _tokens[_index];

    public TemplateToken Following => _tokens[Math.Min(_index + 1, _tokens.Count - 1)];

    public TemplateToken Next()
    {
        var token = _tokens[_index];
        _index = Math.Min(_index + 1, _tokens.Count - 1);
        return token;
    }

    public bool SkipOperator(string text) => Skip(Current.IsOperator(text));

    public bool SkipName(string text) => Skip(Current.IsName(text));

    public TemplateToken Expect(TokenKind kind, string what) => Current.Kind == kind ? Next() : throw Unexpected(what);

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    public ChatTemplateException Unexpected(string wanted) => Error($"expected {wanted}, got {Current.Describe()}", Current.Position);

    public ChatTemplateException Error(string message, int position) => source.Error(message, position);

    private bool Skip(bool condition)
    {
        if (condition)
        {
            Next();
        }

        return condition;
    }
}
