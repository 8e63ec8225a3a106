using System.Text;
using Connector.Decoding;
using Connector.Decoding.Text;
using Connector.Tools.Parsing;
using Microsoft.Extensions.AI;

namespace Connector;

/// <summary>Reads the tokens of one answer as contents: text and thoughts as they come, calls whole. Not thread-safe.</summary>
internal sealed class AnswerReader
{
    private readonly Vocabulary _vocabulary;
    private readonly TextAssembler _text;
    private readonly TextAssembler? _answer;
    private readonly IOutputSplitter _splitter;
    private readonly bool _hidesReasoning;
    private readonly bool _writesControl;
    private int _tokens;
    private bool _hasReasoning;
    private bool _hasAnswer;

    public AnswerReader(ChatRequest request, Vocabulary vocabulary, Random random)
    {
        _vocabulary = vocabulary;
        _splitter = request.Turn.CreateSplitter(random);

        // Without markup all is text, and the engine has looked for the same stop sequences; else they are looked for in what is text.
        _text = new TextAssembler(request.Turn.HasMarkup ? null : request.Stops);
        _answer = request.Turn.HasMarkup && !request.Stops.IsEmpty ? new TextAssembler(request.Stops) : null;
        _hidesReasoning = request.HidesReasoning;
        _hasReasoning = request.Turn.StartsInReasoning;

        // Markers may be control tokens; where nothing is marked they are no text.
        _writesControl = request.Turn.HasMarkup;
    }

    /// <summary>Whether the text has reached a stop sequence: the answer is over, whatever the model goes on to write.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Tokens up to the end of the thoughts.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Whether the answer holds calls.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>What is certain with one more token.</summary>
    public IEnumerable<AIContent> Read(int token)
    {
        _tokens++;
        var text = _writesControl && _vocabulary.IsControl(token)
            ? _text.Append(Encoding.UTF8.GetBytes(_vocabulary.Written(token)))
            : _text.Append(_vocabulary, token);
        if (text.Length == 0)
        {
            return [];
        }

        var contents = new List<AIContent>();
        _splitter.Add(text, contents);
        return Note(contents);
    }

    /// <summary>What was held back: there are no more tokens.</summary>
    public IEnumerable<AIContent> Finish()
    {
        var contents = new List<AIContent>();
        _splitter.Add(_text.Flush(), contents);
        _splitter.Finish(contents);
        var noted = Note(contents);
        if (!IsStopped && _answer?.Flush() is { Length: > 0 } held)
        {
            noted.Add(new TextContent(held));
        }

        return noted;
    }

    /// <summary>The contents up to a stop sequence in their text; text that may become one is held back until what follows it is known.</summary>
    private List<AIContent> CutAtStop(List<AIContent> contents, TextAssembler answer)
    {
        var before = new List<AIContent>();
        foreach (var content in contents)
        {
            if (IsStopped)
            {
                break;
            }

            var text = content is TextContent { Text: var added } ? answer.Append(Encoding.UTF8.GetBytes(added)) : answer.Flush();
            IsStopped = answer.StopSequence is not null;
            if (text.Length > 0)
            {
                before.Add(new TextContent(text));
            }

            if (content is not TextContent)
            {
                before.Add(content);
            }
        }

        return before;
    }

    private List<AIContent> Note(List<AIContent> all)
    {
        var contents = _answer is null ? all : CutAtStop(all, _answer);
        foreach (var content in contents)
        {
            _hasReasoning |= content is TextReasoningContent;
            _hasAnswer |= content is not TextReasoningContent;
            HasCalls |= content is FunctionCallContent;
        }

        if (_hasReasoning && !_hasAnswer)
        {
            ReasoningTokens = _tokens;
        }

        if (_hidesReasoning)
        {
            contents.RemoveAll(c => c is TextReasoningContent);
        }

        return contents;
    }
}
