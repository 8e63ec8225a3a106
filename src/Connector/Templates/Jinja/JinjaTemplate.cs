namespace Connector.Templates.Jinja;

/// <summary>A parsed template. Immutable and thread-safe.</summary>
internal sealed class JinjaTemplate
{
    private readonly TemplateSource _source;
    private readonly Block _body;

    private JinjaTemplate(TemplateSource source, Block body)
    {
        _source = source;
        _body = body;
    }

    /// <summary>The template's text.</summary>
    public string Text => _source.Text;

    /// <summary>Parses a template.</summary>
    /// <exception cref="ChatTemplateException">The template is broken.</exception>
    public static JinjaTemplate Parse(string text)
    {
        var source = new TemplateSource(text);
        return new JinjaTemplate(source, TemplateParser.Parse(source));
    }

    /// <summary>Renders the template over variables.</summary>
    /// <exception cref="ChatTemplateException">
    /// The template raised an error, made one, or spent more than <paramref name="limits"/> allows.
    /// </exception>
    public JinjaString Render(IEnumerable<KeyValuePair<string, JinjaValue>> variables, TimeProvider clock, TemplateLimits? limits = null)
    {
        var scope = new Scope(null);
        foreach (var (name, value) in variables)
        {
            scope.Set(name, value);
        }

        var run = new Evaluator(limits ?? new TemplateLimits(), clock);
        try
        {
            return run.Render(_body, scope);
        }
        catch (JinjaException e)
        {
            throw _source.Error(e.Message, run.Position, e);
        }
        catch (InvalidOperationException e) when (e.InnerException is JinjaException inner)
        {
            // A comparison that failed while sorting: the sort wraps what its comparer throws.
            throw _source.Error(inner.Message, run.Position, inner);
        }
    }
}
